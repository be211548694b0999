-- A child is seen on the day of a dose; that a list still names it says nothing.
with
    immunisations as (select * from {{ ref("stg_dinkes__immunisations") }}),

    desa_names as (select * from {{ ref("int_desa_names") }}),

    grouped as (
        select
            identity_key,
            sex,
            kecamatan_name,
            desa_name,
            {{ told_last("puskesmas_name", "as_of") }} as puskesmas_name,
            born_on,
            min(as_of) as first_seen_on,
            max(
                greatest(hb0_on, bcg_on, polio4_on, dpt3_on, ipv_on, mr1_on)
            ) as last_seen_on
        from immunisations
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
