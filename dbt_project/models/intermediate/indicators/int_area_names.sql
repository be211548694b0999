-- The areas of the four tiers by name; what no list knows is tidak diketahui.
with
    desa as (select * from {{ ref("ref_desa") }}),

    kecamatan as (select * from {{ ref("ref_kecamatan") }}),

    puskesmas as (select * from {{ ref("ref_puskesmas") }}),

    kabupaten as (select * from {{ ref("ref_kabupaten") }}),

    named as (
        select 'desa' as area_level, desa_code as area_code, desa_name as area_name
        from desa
        union all
        select 'kecamatan', kecamatan_code, kecamatan_name
        from kecamatan
        union all
        select 'puskesmas', puskesmas_code, puskesmas_name
        from puskesmas
        union all
        select 'kabupaten', kabupaten_code, kabupaten_name
        from kabupaten
        union all
        select 'desa', 'unknown', 'tidak diketahui'
        union all
        select 'kecamatan', 'unknown', 'tidak diketahui'
        union all
        select 'puskesmas', 'unknown', 'tidak diketahui'
    )

select *
from named
