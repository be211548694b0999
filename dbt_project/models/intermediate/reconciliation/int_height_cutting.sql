-- Were the whole centimetres cut or rounded? Digits alone cannot tell, and only cutting
-- makes children look shorter. So each child is compared with itself: by how much its
-- haz is lower in the months with a whole height, as a share of what cutting would
-- cost.
-- 1 says all were cut, 0 all rounded (a regression with an intercept per child).
with
    heights as (select * from {{ ref("int_register_heights_varied") }}),

    centred as (
        select
            haz - {{ exact_sum("haz", "over child") }} / count(haz) over child as haz,
            z_lost_if_cut
            - {{ exact_sum("z_lost_if_cut", "over child") }}
            / count(z_lost_if_cut) over child as z_lost,
            1 - 1.0 / count(*) over child as freedom
        from heights
        window child as (partition by child_id)
    ),

    summed as (
        select
            {{ exact_sum("freedom") }} as freedom,
            {{ exact_sum("z_lost * z_lost") }} as lost_lost,
            - {{ exact_sum("haz * z_lost") }} as haz_lost,
            {{ exact_sum("haz * haz") }} as haz_haz
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
