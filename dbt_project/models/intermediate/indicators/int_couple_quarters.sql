-- Couples about to marry. Examined: a date of examination that lies at least so many
-- days before the wedding as indicator_parameters says; no date means not examined.
with
    couples as (select * from {{ ref("stg_dkbp3a__brides") }}),

    desa_names as (select * from {{ ref("int_desa_names") }}),

    judged as (
        select
            {{ quarter_of("couples.as_of") }} as quarter,
            desa_names.desa_code,
            desa_names.kecamatan_code,
            couples.wedding_on,
            coalesce(
                couples.examined_on
                <= couples.wedding_on
                - cast(
                    {{ indicator_parameter("catin_diperiksa", "days_before_wedding") }}
                    as integer
                ),
                false
            ) as is_examined,
            couples.as_of
        from couples
        left join desa_names using (kecamatan_name, desa_name)
    )

select *
from judged
