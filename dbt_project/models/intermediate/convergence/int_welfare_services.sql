-- Social aid of a poor household and accompaniment of a family at risk, by its family
-- card and the latest word not after the quarter's end. A range of deciles across the
-- limit, no decile, no card: whether aid is due is unknown. Not on the aid list in
-- force for PKH or BPNT: no aid; a premium for health (PBI) is none.
with
    households as (select * from {{ ref("int_thousand_day_households") }}),

    families as (select * from {{ ref("stg_dinsos__families") }}),

    aid as (select * from {{ ref("int_household_aid") }}),

    rounds as (select * from {{ ref("int_card_rounds") }}),

    quarters as (select * from {{ ref("int_thousand_day_quarters") }}),

    -- the latest snapshot of each card, and the latest list there is
    described as (
        select
            households.household_key, households.quarter, max(families.as_of) as as_of
        from households
        inner join
            families
            on households.no_kk = families.no_kk
            and families.as_of <= households.quarter_end_on
        group by households.household_key, households.quarter
    ),

    in_force as (
        select quarters.quarter, max(aid.as_of) as as_of
        from quarters
        inner join aid on aid.as_of <= quarters.quarter_end_on
        group by quarters.quarter
    ),

    joined as (
        select
            households.household_key,
            households.quarter,
            case
                when families.decile_high <= {{ service_threshold("social_aid") }}
                then true
                when families.decile_low > {{ service_threshold("social_aid") }}
                then false
            end as is_poor,
            case
                when households.no_kk is not null and in_force.as_of is not null
                then
                    coalesce(
                        aid.programmes like '%PKH%' or aid.programmes like '%BPNT%',
                        false
                    )
            end as is_aided,
            least(described.as_of, in_force.as_of) as aid_as_of,
            rounds.is_family_at_risk,
            rounds.is_accompanied,
            rounds.round_as_of
        from households
        left join described using (household_key, quarter)
        left join
            families
            on households.no_kk = families.no_kk
            and described.as_of = families.as_of
        left join in_force on households.quarter = in_force.quarter
        left join aid on households.no_kk = aid.no_kk and in_force.as_of = aid.as_of
        left join
            rounds
            on households.no_kk = rounds.no_kk
            and households.quarter = rounds.quarter
    ),

    judged as (
        select
            household_key,
            quarter,
            'accompaniment' as service,
            is_family_at_risk as is_due,
            case when is_family_at_risk then is_accompanied end as is_received,
            round_as_of as source_as_of
        from joined
        union all
        select
            household_key,
            quarter,
            'social_aid' as service,
            is_poor as is_due,
            is_aided as is_received,
            aid_as_of as source_as_of
        from joined
    )

select *
from judged
