-- Money beside need, for the kabupaten. Lacking are those of the denominator whom the
-- service has not reached (of an indicator that shall fall, those it counts). There is
-- a need when some are missing to the target, or, without a target, when any are
-- lacking; a target that is reached is said so, since some may be lacking still. There
-- is money when the year's budget is above 0. What of the two is not known is never
-- taken for nothing.
with
    -- an indicator that counts rupiah is money itself
    progress as (
        select *
        from {{ ref("opd_progress") }}
        where area_level = 'kabupaten' and unit <> 'rupiah'
    ),

    indicators as (select * from {{ ref("indicators") }}),

    budgets as (select * from {{ ref("int_indicator_budgets") }}),

    joined as (
        select
            progress.indicator_id,
            progress.name_indonesian,
            progress.agency,
            progress.quarter,
            budgets.budget_rp,
            budgets.spent_rp,
            100.0 * budgets.spent_rp / nullif(budgets.budget_rp, 0) as spent_pct,
            cast(budgets.sub_activities as integer) as sub_activities,
            budgets.spending_agencies,
            progress.unit,
            case
                when indicators.direction = 'up'
                then progress.denominator - progress.numerator
                else progress.numerator
            end as lacking,
            progress.gap_count,
            progress.gap_points,
            progress.coverage_pct,
            progress.completeness,
            progress.source_as_of,
            progress.status
        from progress
        inner join indicators using (indicator_id)
        left join budgets using (indicator_id, quarter)
    )

select
    *,
    1.0 * budget_rp / nullif(lacking, 0) as budget_rp_per_lacking,
    case
        when budget_rp is null or coverage_pct is null
        then 'tidak diketahui'
        when budget_rp > 0 and coalesce(gap_count, lacking) > 0
        then 'uang dan kebutuhan'
        when coalesce(gap_count, lacking) > 0
        then 'kebutuhan tanpa uang'
        when gap_count = 0 and budget_rp > 0
        then 'target tercapai, dana tersedia'
        when gap_count = 0
        then 'target tercapai, tanpa dana'
        when budget_rp > 0
        then 'uang tanpa kebutuhan'
        else 'tanpa uang dan tanpa kebutuhan'
    end as finding
from joined
