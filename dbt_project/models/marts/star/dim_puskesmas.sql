with
    puskesmas as (select * from {{ ref("ref_puskesmas") }}),

    kecamatan as (select * from {{ ref("dim_kecamatan") }}),

    members as (
        select puskesmas_code, puskesmas_name, kecamatan_code
        from puskesmas
        union all
        select 'unknown', 'tidak diketahui', 'unknown'
    )

select
    members.puskesmas_code,
    members.puskesmas_name,
    members.kecamatan_code,
    kecamatan.kecamatan_name
from members
inner join kecamatan on members.kecamatan_code = kecamatan.kecamatan_code
