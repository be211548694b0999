-- The level of each parent if its areas borrow so much from it and it borrows so much
-- from the kabupaten, by the same two steps once more: the kabupaten's level from the
-- discounted counts of the parents, then each parent's own counts and what it borrows.
-- ln_evidence says how well the counts of all parents fit the pair of borrowings
-- (Laplace's method over the kabupaten's level, which nothing else tells).
with
    counts as (select * from {{ ref("int_parent_counts") }}),

    borrowings as ({{ parent_borrowings() }}),

    discounted as (
        select
            counts.*,
            borrowings.parent_borrows,
            heights_counted
            * (parent_borrows + 1)
            / (heights_counted + parent_borrows) as top_heights,
            case
                when heights_counted > 0 then stunted_counted / heights_counted else 0
            end as own_share
        from counts
        cross join borrowings
    ),

    topped as (
        select
            *,
            {{ exact_sum("top_heights", "over pair") }} as all_heights,
            ({{ exact_sum("top_heights * own_share", "over pair") }} + 0.5)
            / ({{ exact_sum("top_heights", "over pair") }} + 1) as top_share
        from discounted
        window pair as (partition by area_level, month, area_borrows, parent_borrows)
    ),

    borrowed as (
        select
            *,
            top_share * (1 - top_share) / (all_heights + 2) as top_variance,
            top_share * parent_borrows as a,
            (1 - top_share) * parent_borrows as b
        from topped
    ),

    judged as (
        select
            *,
            (a + stunted_counted) / (parent_borrows + heights_counted) as level_mean,
            {{
                exact_sum(
                    "ln_constant + "
                    ~ ln_beta(
                        "(a + stunted_counted)",
                        "(b + heights_counted - stunted_counted)",
                    )
                    ~ " - "
                    ~ ln_beta("a", "b"),
                    "over pair",
                )
            }} + ln(top_variance) / 2 as ln_evidence
        from borrowed
        window pair as (partition by area_level, month, area_borrows, parent_borrows)
    )

select
    area_level,
    parent_code,
    month,
    area_borrows,
    parent_borrows,
    level_mean,
    level_mean * (1 - level_mean) / (parent_borrows + heights_counted + 1)
    + pow(parent_borrows / (parent_borrows + heights_counted), 2)
    * top_variance as level_variance,
    ln_evidence
from judged
