-- The half-yearly report of the regency to the province: the lines of Lampiran A and B
-- of Perpres 72/2021. Where nobody stands in two quarters they are added, else the last
-- one with figures stands for the semester (ref_semester_lines). A semester whose
-- second
-- quarter is still to come is there with what is known.
with
    report_lines as (select * from {{ ref("ref_semester_lines") }}),

    indicators as (select * from {{ ref("indicators") }}),

    targets as (select * from {{ ref("int_indicator_targets") }}),

    progress as (
        select *, {{ semester_of("quarter") }} as semester
        from {{ ref("opd_progress") }}
        where area_level = 'kabupaten'
    ),

    quarters as (
        select
            *,
            row_number() over (
                partition by indicator_id, semester
                order by numerator is null, quarter desc nulls last
            ) as recency
        from progress
    ),

    combined as (
        select
            quarters.semester,
            quarters.indicator_id,
            sum(quarters.numerator) as numerator,
            sum(quarters.denominator) as denominator,
            sum(quarters.records_known) as records_known,
            sum(quarters.records_due) as records_due,
            count(quarters.numerator) as quarters_used,
            min(quarters.source_as_of) as source_as_of
        from quarters
        inner join report_lines on quarters.indicator_id = report_lines.indicator_id
        where report_lines.combine = 'sum' or quarters.recency = 1
        group by quarters.semester, quarters.indicator_id
    ),

    semesters as (select distinct semester from progress),

    covered as (
        select
            report_lines.appendix,
            report_lines.line_no,
            report_lines.indicator_id,
            semesters.semester,
            combined.* {{ without("semester, indicator_id") }},
            100.0 * combined.numerator / nullif(combined.denominator, 0) as coverage_pct
        from report_lines
        cross join semesters
        left join
            combined
            on report_lines.indicator_id = combined.indicator_id
            and semesters.semester = combined.semester
    ),

    compared as (
        select
            covered.*,
            targets.target_pct,
            targets.year as target_year,
            targets.is_verified as is_target_verified,
            indicators.name_indonesian,
            indicators.agency,
            indicators.unit,
            indicators.is_verified as is_definition_verified,
            {{ points_to_target("covered.coverage_pct", "targets.target_pct") }}
            as gap_points
        from covered
        inner join indicators on covered.indicator_id = indicators.indicator_id
        left join
            targets
            on covered.indicator_id = targets.indicator_id
            and year(covered.semester) >= targets.year
            and year(covered.semester) < targets.next_year
    )

select
    semester,
    appendix,
    line_no,
    indicator_id,
    name_indonesian,
    agency,
    unit,
    cast(numerator as bigint) as numerator,
    cast(denominator as bigint) as denominator,
    coverage_pct,
    target_pct,
    target_year,
    is_target_verified,
    is_definition_verified,
    gap_points,
    cast(coalesce(quarters_used, 0) as integer) as quarters_used,
    1.0 * records_known / nullif(records_due, 0) as completeness,
    source_as_of,
    {{ progress_status("coverage_pct", "gap_points", "is_target_verified") }} as status
from compared
