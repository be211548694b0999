with
    registered as (select * from {{ ref("stg_disdukcapil__children") }}),

    desa_names as (select * from {{ ref("int_desa_names") }}),

    grouped as (
        select
            identity_key,
            {{ told_last("no_kk", "as_of") }} as no_kk,
            sex,
            kecamatan_name,
            desa_name,
            born_on,
            min(as_of) as first_seen_on,
            max(as_of) as last_seen_on
        from registered
        -- as in int_child_records: the key alone says which
        group by all
    ),

    placed as (
        select grouped.*, desa_names.desa_code
        from grouped
        left join desa_names using (kecamatan_name, desa_name)
    )

select *
from placed
