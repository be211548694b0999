-- Were the whole centimetres cut or rounded? Digits alone cannot tell, and only cutting
-- makes children look shorter. So each child is compared with itself: by how much its
-- haz is lower in the months with a whole height, as a share of what cutting would
-- cost.
-- 1 says all were cut, 0 all rounded (a regression with an intercept per child).
with
    heights as (select * from {{ ref("int_register_heights_varied") }}),

    centred as (
        select
            haz - avg(haz) over (partition by child_id) as haz,
            z_lost_if_cut - avg(z_lost_if_cut) over (partition by child_id) as z_lost,
            1 - 1.0 / count(*) over (partition by child_id) as freedom
        from heights
    ),

    summed as (
        select
            sum(freedom) as freedom,
            sum(z_lost * z_lost) as lost_lost,
            - sum(haz * z_lost) as haz_lost,
            sum(haz * haz) as haz_haz
        from centred
    ),

    estimated as (
        select
            haz_lost / lost_lost as cut_part,
            sqrt(
                (haz_haz - haz_lost * haz_lost / lost_lost) / (freedom - 1) / lost_lost
            ) as cut_error
        from summed
        -- no child with whole heights in some months and not in others: nothing to tell
        where lost_lost > 0 and freedom > 2
    )

select
    least(greatest(cut_part, 0), 1) as cut_part,
    least(greatest(cut_part - 1.96 * cut_error, 0), 1) as cut_part_low,
    least(greatest(cut_part + 1.96 * cut_error, 0), 1) as cut_part_high
from estimated
