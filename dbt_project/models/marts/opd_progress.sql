-- Coverage is numerator by denominator of what is known. Gaps say what is missing to
-- the target and are 0 once it is reached. The target of a year holds until the next
-- one.
with
    indicators as (select * from {{ ref("indicators") }}),

    counts as (select * from {{ ref("int_indicator_area_counts") }}),

    quarters as (select quarter from {{ ref("int_indicator_quarters") }}),

    kabupaten as (select * from {{ ref("ref_kabupaten") }}),

    areas as (select * from {{ ref("int_area_names") }}),

    targets as (select * from {{ ref("int_indicator_targets") }}),

    -- what has no figures at all is still there for the kabupaten
    without_figures as (
        select
            indicators.indicator_id,
            'kabupaten' as area_level,
            kabupaten.kabupaten_code as area_code,
            quarters.quarter
        from indicators
        cross join quarters
        cross join kabupaten
        anti join
            counts
            on indicators.indicator_id = counts.indicator_id
            and quarters.quarter = counts.quarter
    ),

    covered as (
        select *, 100.0 * numerator / nullif(denominator, 0) as coverage_pct
        from counts
        union all
        select *, null, null, null, null, null, null
        from without_figures
    ),

    compared as (
        select
            covered.*,
            previous.coverage_pct as previous_coverage_pct,
            indicators.name_indonesian,
            indicators.agency,
            indicators.unit,
            indicators.direction,
            indicators.record_grain,
            indicators.is_verified as is_definition_verified,
            areas.area_name,
            targets.target_pct,
            targets.year as target_year,
            targets.is_verified as is_target_verified,
            {{ points_to_target("covered.coverage_pct", "targets.target_pct") }}
            as gap_points,
            {{
                count_to_target(
                    "covered.numerator", "covered.denominator", "targets.target_pct"
                )
            }} as gap_count
        from covered
        inner join indicators using (indicator_id)
        inner join areas using (area_level, area_code)
        left join
            covered as previous
            on covered.indicator_id = previous.indicator_id
            and covered.area_level = previous.area_level
            and covered.area_code = previous.area_code
            and covered.quarter = previous.quarter + interval 3 month
        left join
            targets
            on covered.indicator_id = targets.indicator_id
            and year(covered.quarter) >= targets.year
            and year(covered.quarter) < targets.next_year
    )

select
    indicator_id,
    name_indonesian,
    agency,
    area_level,
    area_code,
    area_name,
    quarter,
    unit,
    numerator,
    denominator,
    coverage_pct,
    target_pct,
    target_year,
    is_target_verified,
    is_definition_verified,
    gap_points,
    gap_count,
    record_grain,
    records_known,
    records_due,
    1.0 * records_known / nullif(records_due, 0) as completeness,
    source_as_of,
    previous_coverage_pct,
    coverage_pct - previous_coverage_pct as trend_points,
    {{ progress_status("coverage_pct", "gap_points", "is_target_verified") }} as status
from compared
