-- Whether a child would count as stunted if its height were read in another way:
-- by the table of completed months in place of days; without the 0.7 cm between lying
-- and standing; in the position it was not expected in, where none is written; and,
-- of a
-- height in whole centimetres, if it had been cut, for then it lost 0.1 to 0.9 cm, each
-- as likely as another.
-- A tenth of heights end in .0 by themselves. What a puskesmas has beyond that in a
-- month was either cut or rounded; cut_share is how many of its whole heights that are.
with
    heights as (select * from {{ ref("int_register_heights") }}),

    marked as (
        select
            *,
            height_cm = floor(height_cm) as is_whole,
            avg(case when height_cm = floor(height_cm) then 1 else 0 end) over (
                partition by puskesmas_code, month
            ) as whole_share
        from heights
    ),

    shared as (
        select
            *,
            case
                when is_whole then greatest(1 - 0.1 / whole_share, 0) else 0
            end as cut_share,
            case
                when is_whole
                then
                    least(
                        greatest(ceil(10 * (limit_cm - corrected_height_cm)) - 1, 0), 9
                    )
                    / 9
            end as stunted_if_cut
        from marked
    ),

    varied as (
        select
            child_id,
            month,
            haz,
            haz < -2 as is_stunted,
            corrected_height_cm < limit_of_month_cm as is_stunted_by_months,
            height_cm < limit_cm as is_stunted_as_measured,
            position is null as is_position_unknown,
            (position = 'lying') = (age_days >= 731) as is_position_unexpected,
            case
                when position is null
                then
                    height_cm + case when age_days < 731 then 0.7 else -0.7 end
                    < limit_cm
            end as is_stunted_if_unexpected,
            is_whole,
            cut_share,
            case
                when is_whole
                then
                    cut_share * stunted_if_cut
                    + (1 - cut_share) * case when haz < -2 then 1 else 0 end
                when haz < -2
                then 1
                else 0
            end as stunted_if_uncut,
            -- the z that cutting has cost on the average: half a centimetre
            cut_share * 0.5 * z_per_cm as z_lost_if_cut
        from shared
    )

select *
from varied
