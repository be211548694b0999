-- By how many points each fault of the source would move the month's prevalence if it
-- were not put right here: each alone, the others right. Counted again from every
-- child's height, so there is no range.
with
    variants as (select * from {{ ref("int_register_variants_counted") }}),

    counted_rows as (select * from {{ ref("int_register_rows_counted") }}),

    effects as (
        select
            month,
            'completed_months' as component,
            100e0 * (stunted_by_months - stunted) / height_valid as effect_points,
            classed_otherwise_by_months as children
        from variants
        union all
        select
            month,
            'position_converted',
            100e0 * (stunted_as_measured - stunted) / height_valid,
            positions_unexpected
        from variants
        union all
        select
            month,
            'rows_counted',
            100e0 * rows_stunted / rows_valid - 100e0 * stunted / height_valid,
            rows_valid - height_valid
        from variants
        inner join counted_rows using (month)
        union all
        select
            month,
            'over_age',
            100e0 * (stunted + over_age_stunted) / (height_valid + over_age)
            - 100e0 * stunted / height_valid,
            over_age
        from variants
        inner join counted_rows using (month)
    )

select *
from effects
