-- The register of pregnant women at each quarter's end. Known error that stays: a woman
-- written in two ways in one quarter is two.
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
            pregnancies.is_given_extra_food,
            pregnancies.as_of
        from pregnancies
        left join desa_names using (kecamatan_name, desa_name)
    )

select *
from placed
