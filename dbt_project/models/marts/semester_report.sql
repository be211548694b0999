-- The half-yearly report of the regency to the province: the lines of Lampiran A and B
-- of Perpres 72/2021. Where nobody stands in two quarters they are added, else the last
-- one with figures stands for the semester (ref_semester_lines). A semester whose
-- second
-- quarter is still to come is there with what is known.
with
    report_lines as (select * from {{ ref("ref_semester_lines") }}),

    indicators as (select * from {{ ref("indicators") }}),

    progress as (
        select
            *,
            make_date(
                year(quarter), case when month(quarter) <= 6 then 1 else 7 end, 1
            ) as semester
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
            report_lines.appendix,
            report_lines.line_no,
            report_lines.indicator_id,
            report_lines.combine,
            sum(quarters.numerator) as numerator,
            sum(quarters.denominator) as denominator,
            sum(quarters.records_known) as records_known,
            sum(quarters.records_due) as records_due,
            count(quarters.numerator) as quarters_used,
            max_by(quarters.target_pct, quarters.quarter) as target_pct,
            max_by(quarters.target_year, quarters.quarter) as target_year,
            max_by(quarters.is_target_verified, quarters.quarter) as is_target_verified,
            min(quarters.source_as_of) as source_as_of
        from quarters
        inner join report_lines on quarters.indicator_id = report_lines.indicator_id
        where report_lines.combine = 'sum' or quarters.recency = 1
        group by all
    ),

    covered as (
        select *, 100.0 * numerator / nullif(denominator, 0) as coverage_pct
        from combined
    ),

    compared as (
        select
            covered.*,
            indicators.name_indonesian,
            indicators.agency,
            indicators.unit,
            indicators.is_verified as is_definition_verified,
            {{ points_to_target("covered.coverage_pct", "covered.target_pct") }}
            as gap_points
        from covered
        inner join indicators on covered.indicator_id = indicators.indicator_id
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
    cast(quarters_used as integer) as quarters_used,
    1.0 * records_known / nullif(records_due, 0) as completeness,
    source_as_of,
    {{ progress_status("coverage_pct", "gap_points", "is_target_verified") }} as status
from compared
