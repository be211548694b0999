-- The prevalence of each month, and what it would be if heights were read otherwise.
with
    heights as (select * from {{ ref("int_register_heights_varied") }}),

    cutting as (select * from {{ ref("int_height_cutting") }}),

    counted as (
        select
            month,
            count(*) as height_valid,
            count(*) filter (where is_stunted) as stunted,
            count(*) filter (where is_stunted_by_months) as stunted_by_months,
            count(*) filter (
                where is_stunted_by_months <> is_stunted
            ) as classed_otherwise_by_months,
            count(*) filter (where is_stunted_as_measured) as stunted_as_measured,
            count(*) filter (where is_position_unexpected) as positions_unexpected,
            1e0
            * count(*) filter (where is_position_unexpected)
            / nullif(count(is_position_unexpected), 0) as unexpected_share,
            count(*) filter (where is_position_unknown) as positions_unknown,
            count(*) filter (where is_position_unknown and is_stunted_if_unexpected)
            - count(*) filter (
                where is_position_unknown and is_stunted
            ) as stunted_more_if_unexpected,
            {{ exact_sum("cut_share") }} as heights_cut,
            {{ exact_sum("stunted_if_uncut") }} as stunted_if_uncut
        from heights
        group by month
    )

select counted.*, cutting.cut_part, cutting.cut_part_low, cutting.cut_part_high
from counted
left join cutting on true
