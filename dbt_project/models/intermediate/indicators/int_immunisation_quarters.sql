-- Basic immunisation is complete with HB0, BCG, Polio 4, DPT-HB-Hib 3, IPV and measles-
-- rubella 1. The doses of a child are those of all its rows: what is entered late
-- counts for the quarter in which it was given. A child that the register does not list
-- in that quarter or later is unknown, not without doses.
with
    immunisations as (select * from {{ ref("stg_dinkes__immunisations") }}),

    links as (select * from {{ ref("int_child_links") }}),

    child_months as (select * from {{ ref("int_child_months") }}),

    quarters as (select * from {{ ref("int_indicator_quarters") }}),

    desa as (select desa_code, kecamatan_code from {{ ref("ref_desa") }}),

    doses as (
        select
            links.child_id,
            max(immunisations.as_of) as last_listed_on,
            -- the day of the last of the six; empty while one is missing
            case
                when
                    count(immunisations.hb0_on) > 0
                    and count(immunisations.bcg_on) > 0
                    and count(immunisations.polio4_on) > 0
                    and count(immunisations.dpt3_on) > 0
                    and count(immunisations.ipv_on) > 0
                    and count(immunisations.mr1_on) > 0
                then
                    greatest(
                        min(immunisations.hb0_on),
                        min(immunisations.bcg_on),
                        min(immunisations.polio4_on),
                        min(immunisations.dpt3_on),
                        min(immunisations.ipv_on),
                        min(immunisations.mr1_on)
                    )
            end as completed_on
        from immunisations
        inner join
            links
            on links.agency = 'dinkes_imunisasi'
            and immunisations.identity_key = links.identity_key
        group by links.child_id
    ),

    judged as (
        select
            child_months.child_id,
            quarters.quarter,
            child_months.desa_code,
            desa.kecamatan_code,
            coalesce(
                doses.last_listed_on >= quarters.quarter_end_on, false
            ) as is_listed,
            coalesce(
                doses.completed_on <= quarters.quarter_end_on, false
            ) as is_complete,
            case
                when doses.last_listed_on >= quarters.quarter_end_on
                then quarters.quarter_end_on
            end as as_of
        from child_months
        inner join quarters on child_months.month = quarters.month
        left join doses on child_months.child_id = doses.child_id
        left join desa on child_months.desa_code = desa.desa_code
        where
            child_months.age_months
            between {{ indicator_parameter("imunisasi_dasar_lengkap", "from_month") }}
            and {{ indicator_parameter("imunisasi_dasar_lengkap", "to_month") }}
    )

select *
from judged
