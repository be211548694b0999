-- By how many points each fault that is still in the month's prevalence moves it, and
-- the least and most that it can: positive where the register shows too much.
with
    variants as (select * from {{ ref("int_register_variants_counted") }}),

    missed as (select * from {{ ref("int_children_missed") }}),

    reviews as (select * from {{ ref("int_reviews_measured") }}),

    dues as (
        select month, sum(due) as due
        from {{ ref("int_area_months_counted") }}
        group by month
    ),

    measured as (
        select
            *,
            1e0 * stunted / height_valid as share,
            100 * (stunted - stunted_if_uncut) / height_valid as points_if_cut,
            -100e0 * stunted_more_if_unexpected / height_valid as points_if_unexpected
        from variants
    ),

    doubted as (
        select
            month,
            pairs,
            100 * (share - (stunted - both_stunted) / (height_valid - pairs)) as low,
            100 * (share - (stunted - any_stunted) / (height_valid - pairs)) as high
        from measured
        inner join reviews using (month)
    ),

    effects as (
        select
            month,
            'heights_cut' as component,
            cut_part * points_if_cut as effect_points,
            coalesce(cut_part_low, 0) * points_if_cut as low_points,
            coalesce(cut_part_high, 1) * points_if_cut as high_points,
            cast(round(coalesce(cut_part, 1) * heights_cut) as bigint) as children
        from measured
        union all
        select
            month,
            'position_unknown',
            case
                when positions_unknown = 0
                then 0
                else unexpected_share * points_if_unexpected
            end,
            least(points_if_unexpected, 0),
            greatest(points_if_unexpected, 0),
            positions_unknown
        from measured
        union all
        select
            month,
            'in_review',
            case when pairs is null then 0 end,
            least(coalesce(low, 0), 0),
            greatest(coalesce(high, 0), 0),
            coalesce(pairs, 0)
        from measured
        left join doubted using (month)
        union all
        select
            month,
            case when is_ever_weighed then 'not_measured' else 'out_of_register' end,
            100 * (children * share - likely_stunted) / due,
            -100 * children * (1 - share) / due,
            100 * children * share / due,
            children
        from missed
        inner join measured using (month)
        inner join dues using (month)
    )

select *
from effects
