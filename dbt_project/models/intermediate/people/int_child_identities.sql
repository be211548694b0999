-- What each agency says of a child, once per way of writing it. Nothing is joined
-- across sources here. The civil registry goes first for who a child is, the posyandu
-- and then the immunisation register for where it is. Each list has the same columns in
-- the same order; what an agency does not say is null. Registers bear the names of
-- register_name.
with
    weighed as (select * from {{ ref("int_weighed_children") }}),

    registered as (select * from {{ ref("int_registered_children") }}),

    welfare as (select * from {{ ref("int_welfare_children") }}),

    immunised as (select * from {{ ref("int_immunised_children") }}),

    told as (
        select
            'dinkes' as agency,
            'dinkes' as told_by,
            3 as civil_precedence,
            1 as health_precedence,
            identity_key,
            no_kk,
            sex,
            desa_code,
            puskesmas_name,
            birth_weight_kg,
            birth_weight_month,
            born_on,
            first_seen_on,
            last_seen_on,
            cast(null as date) as left_on
        from weighed
        union all
        select
            'disdukcapil' as agency,
            'disdukcapil' as told_by,
            1 as civil_precedence,
            3 as health_precedence,
            identity_key,
            no_kk,
            sex,
            desa_code,
            cast(null as string) as puskesmas_name,
            cast(null as double) as birth_weight_kg,
            cast(null as date) as birth_weight_month,
            born_on,
            first_seen_on,
            last_seen_on,
            cast(null as date) as left_on
        from registered
        union all
        select
            'dinsos' as agency,
            'dinsos' as told_by,
            2 as civil_precedence,
            4 as health_precedence,
            identity_key,
            no_kk,
            sex,
            desa_code,
            cast(null as string) as puskesmas_name,
            cast(null as double) as birth_weight_kg,
            cast(null as date) as birth_weight_month,
            born_on,
            first_seen_on,
            last_seen_on,
            left_on
        from welfare
        union all
        select
            'dinkes_imunisasi' as agency,
            'dinkes' as told_by,
            4 as civil_precedence,
            2 as health_precedence,
            identity_key,
            cast(null as string) as no_kk,
            sex,
            desa_code,
            puskesmas_name,
            cast(null as double) as birth_weight_kg,
            cast(null as date) as birth_weight_month,
            born_on,
            first_seen_on,
            last_seen_on,
            cast(null as date) as left_on
        from immunised
    )

select *
from told
