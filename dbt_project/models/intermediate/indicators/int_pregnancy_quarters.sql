-- The register of pregnant women at each quarter's end. A pregnancy counts as ended in
-- the quarter in which it was delivered, and is judged whole only then: before, nobody
-- could have had all tablets and visits. Known error that stays: a woman written in two
-- ways in one quarter is two.
with
    pregnancies as (select * from {{ ref("stg_dinkes__pregnancies") }}),

    desa_names as (select * from {{ ref("int_desa_names") }}),

    placed as (
        select
            pregnancies.pregnancy_key,
            {{ quarter_of("pregnancies.as_of") }} as quarter,
            desa_names.desa_code,
            desa_names.kecamatan_code,
            pregnancies.muac_cm,
            pregnancies.iron_tablets,
            pregnancies.antenatal_visits,
            pregnancies.is_given_extra_food,
            pregnancies.is_using_contraception,
            coalesce(
                {{ quarter_of("pregnancies.delivered_on") }}
                = {{ quarter_of("pregnancies.as_of") }},
                false
            ) as is_delivered,
            pregnancies.as_of
        from pregnancies
        left join desa_names using (kecamatan_name, desa_name)
    )

select *
from placed
