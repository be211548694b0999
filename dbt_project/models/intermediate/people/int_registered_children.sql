with
    registered as (select * from {{ ref("stg_disdukcapil__children") }}),

    desa_names as (select * from {{ ref("int_desa_names") }}),

    grouped as (
        select
            identity_key,
            max_by(no_kk, as_of) filter (where no_kk is not null) as no_kk,
            any_value(sex) as sex,
            any_value(kecamatan_name) as kecamatan_name,
            any_value(desa_name) as desa_name,
            any_value(born_on) as born_on,
            min(as_of) as first_seen_on,
            max(as_of) as last_seen_on
        from registered
        group by identity_key
    ),

    placed as (
        select grouped.*, desa_names.desa_code
        from grouped
        left join desa_names using (kecamatan_name, desa_name)
    )

select *
from placed
