-- The child's household as it was known at the end of the month: the family card of
-- that time, then the latest snapshot of that family not after the month's end. Only
-- later snapshots: unknown.
with
    child_months as (
        select child_id, month, month_end_on from {{ ref("int_child_months") }}
    ),

    families as (select * from {{ ref("int_child_families") }}),

    snapshots as (select * from {{ ref("int_household_snapshots") }}),

    surveys as (
        select * from {{ ref("int_household_sanitation") }} where agency = 'perkim'
    ),

    on_card as (
        select
            child_months.child_id,
            child_months.month,
            child_months.month_end_on,
            families.no_kk
        from child_months
        inner join
            families
            on child_months.child_id = families.child_id
            and child_months.month_end_on >= families.valid_from
            and child_months.month_end_on < families.valid_to
    ),

    joined as (
        select
            on_card.child_id,
            on_card.month,
            on_card.no_kk,
            snapshots.as_of as snapshot_as_of,
            snapshots.decile_low,
            snapshots.decile_high,
            snapshots.under_fives,
            snapshots.mother_education_code,
            -- the house survey speaks where DTSEN is silent
            coalesce(snapshots.latrine_level, surveys.latrine_level) as latrine_level,
            case
                when snapshots.latrine_level is not null
                then 'dinsos'
                when surveys.latrine_level is not null
                then 'perkim'
            end as latrine_agency,
            coalesce(
                snapshots.has_improved_water, surveys.has_improved_water
            ) as has_improved_water,
            case
                when snapshots.has_improved_water is not null
                then 'dinsos'
                when surveys.has_improved_water is not null
                then 'perkim'
            end as water_agency,
            {{ month_of("surveys.as_of") }} as survey_month
        from on_card
        left join
            snapshots
            on on_card.no_kk = snapshots.no_kk
            and on_card.month_end_on >= snapshots.as_of
            and on_card.month_end_on < snapshots.valid_to
        left join
            surveys
            on on_card.no_kk = surveys.no_kk
            and on_card.month_end_on >= surveys.as_of
            and on_card.month_end_on < surveys.valid_to
    )

select *
from joined
