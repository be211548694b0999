-- Who lives through the first thousand days at a quarter's end: women then pregnant, by
-- the list of that quarter, and children of 0 to 23 completed months by any register. A
-- woman listed twice is one: the row with more visits counts. A pregnancy that lasts
-- too long (ref_thousand_days) is over, though nobody said so.
with
    quarters as (select * from {{ ref("int_thousand_day_quarters") }}),

    pregnancies as (select * from {{ ref("stg_dinkes__pregnancies") }}),

    pregnancy_cards as (select * from {{ ref("int_pregnancy_cards") }}),

    children as (select * from {{ ref("int_children") }}),

    child_families as (select * from {{ ref("int_child_families") }}),

    desa_names as (select * from {{ ref("int_desa_names") }}),

    puskesmas_desa as (select * from {{ ref("ref_puskesmas_desa") }}),

    listed as (
        select
            quarters.quarter,
            quarters.quarter_end_on,
            pregnancies.pregnancy_key,
            pregnancy_cards.no_kk,
            desa_names.desa_code,
            row_number() over (
                partition by
                    quarters.quarter,
                    coalesce(pregnancy_cards.no_kk, pregnancies.pregnancy_key),
                    pregnancies.mother_born_on
                order by
                    pregnancies.antenatal_visits desc nulls last,
                    pregnancies.pregnancy_key nulls last
            ) as place
        from quarters
        inner join pregnancies on quarters.quarter_end_on = pregnancies.as_of
        left join pregnancy_cards using (pregnancy_key, as_of)
        left join desa_names using (kecamatan_name, desa_name)
        where
            pregnancies.last_menstruation_on <= quarters.quarter_end_on
            and {{
                dbt.datediff(
                    "pregnancies.last_menstruation_on",
                    "quarters.quarter_end_on",
                    "day",
                )
            }} <= 7 * {{ thousand_days("pregnancy_most_weeks") }}
            and coalesce(pregnancies.delivered_on, date '9999-12-31')
            > quarters.quarter_end_on
    ),

    members as (
        select
            'pregnant' as member_kind,
            listed.pregnancy_key as member_key,
            listed.quarter,
            listed.quarter_end_on,
            listed.no_kk,
            listed.desa_code,
            puskesmas_desa.puskesmas_code,
            cast(null as date) as born_on
        from listed
        left join puskesmas_desa using (desa_code)
        where listed.place = 1
        union all
        select
            'child' as member_kind,
            children.child_id as member_key,
            quarters.quarter,
            quarters.quarter_end_on,
            child_families.no_kk,
            children.desa_code,
            children.puskesmas_code,
            children.born_on
        from quarters
        inner join children on children.born_on <= quarters.quarter_end_on
        left join
            child_families
            on children.child_id = child_families.child_id
            and quarters.quarter_end_on >= child_families.valid_from
            and quarters.quarter_end_on < child_families.valid_to
        where
            {{
                is_under_months(
                    dbt.datediff(
                        "children.born_on", "quarters.quarter_end_on", "day"
                    ),
                    thousand_days("child_under_months"),
                )
            }}
            and quarters.quarter_end_on < coalesce(children.left_on, date '9999-12-31')
    )

select *, coalesce(no_kk, member_kind || ':' || member_key) as household_key
from members
