-- The women whom a case audit looks at besides children: pregnant and not delivered at
-- the newest quarter's end, and brides of the newest quarter. Known error that stays: a
-- woman written in two ways is two.
with
    pregnancies as (select * from {{ ref("stg_dinkes__pregnancies") }}),

    brides as (select * from {{ ref("stg_dkbp3a__brides") }}),

    desa_names as (select * from {{ ref("int_desa_names") }}),

    puskesmas_names as (select * from {{ ref("int_puskesmas_names") }}),

    puskesmas_desa as (select * from {{ ref("ref_puskesmas_desa") }}),

    women as (
        select
            pregnancy_key as subject_id,
            'bumil' as target_group,
            mother_born_on as born_on,
            muac_cm,
            haemoglobin,
            mother_height_cm,
            is_given_extra_food,
            kecamatan_name,
            desa_name,
            puskesmas_name,
            as_of
        from pregnancies
        where
            as_of = (select max(as_of) from pregnancies)
            and (delivered_on is null or delivered_on > as_of)
        union all
        select
            {{ content_key(["bride_name", "bride_born_on", "wedding_on"]) }},
            'catin',
            bride_born_on,
            muac_cm,
            haemoglobin,
            null,
            null,
            kecamatan_name,
            desa_name,
            null,
            as_of
        from brides
        where as_of = (select max(as_of) from brides)
    ),

    placed as (
        select
            women.subject_id,
            women.target_group,
            coalesce(desa_names.desa_code, 'unknown') as desa_code,
            coalesce(
                puskesmas_names.puskesmas_code, puskesmas_desa.puskesmas_code, 'unknown'
            ) as puskesmas_code,
            {{ dbt.datediff("women.born_on", "women.as_of", "day") }}
            / 365.25e0 as age_years,
            women.muac_cm,
            women.haemoglobin,
            women.mother_height_cm,
            women.is_given_extra_food,
            women.as_of,
            row_number() over (
                partition by women.subject_id
                order by women.muac_cm nulls last, women.haemoglobin nulls last
            ) as place
        from women
        left join desa_names using (kecamatan_name, desa_name)
        left join puskesmas_names using (puskesmas_name)
        -- assumed, where the list does not say it
        left join puskesmas_desa on desa_names.desa_code = puskesmas_desa.desa_code
    )

select * {{ without("place") }}
from placed
where place = 1
