-- Each line of both appendices stands in every semester that has a quarter in
-- opd_progress, with figures or without.
with
    semesters as (
        select distinct
            make_date(
                year(quarter), case when month(quarter) <= 6 then 1 else 7 end, 1
            ) as semester
        from {{ ref("opd_progress") }}
    )

select report_lines.indicator_id, semesters.semester
from {{ ref("ref_semester_lines") }} as report_lines
cross join semesters
left join
    {{ ref("semester_report") }} as report
    on report_lines.indicator_id = report.indicator_id
    and semesters.semester = report.semester
where report.indicator_id is null
