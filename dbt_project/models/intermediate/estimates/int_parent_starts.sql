-- A first look at the level of each parent, for each number of children that an
-- area may borrow. Areas differ truly, so a hundred children of one area tell less
-- of the parent than a hundred from many: of n heights n (m + 1) / (n + m) count
-- when m are borrowed.
with
    heights as (select * from {{ ref("int_area_heights") }}),

    borrowings as ({{ area_borrowings() }}),

    totals as (
        select
            area_level, month, (sum(stunted) + 0.5) / (sum(height_valid) + 1) as share
        from heights
        group by area_level, month
    ),

    discounted as (
        select
            heights.area_level,
            heights.parent_code,
            heights.month,
            borrowings.area_borrows,
            totals.share as total_share,
            stunted / greatest(height_valid, 1.0) as own_share,
            height_valid
            * (area_borrows + 1)
            / (height_valid + area_borrows) as heights_counted
        from heights
        inner join totals using (area_level, month)
        cross join borrowings
    ),

    -- two children more at the level of all keep it away from 0 and 100 %
    summed as (
        select
            area_level,
            parent_code,
            month,
            area_borrows,
            {{ exact_sum("heights_counted") }} + 2 as start_heights,
            ({{ exact_sum("heights_counted * own_share") }} + 2 * max(total_share))
            / ({{ exact_sum("heights_counted") }} + 2) as start_share
        from discounted
        group by area_level, parent_code, month, area_borrows
    ),

    -- a standard error, on the scale of log odds
    stepped as (
        select
            *,
            ln(start_share / (1 - start_share)) as start_log_odds,
            1 / sqrt(start_heights * start_share * (1 - start_share)) as step
        from summed
    )

select *
from stepped
