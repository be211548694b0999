with
    kecamatan as (select * from {{ ref("ref_kecamatan") }}),

    kabupaten as (select * from {{ ref("ref_kabupaten") }}),

    members as (
        select kecamatan_code, kecamatan_name, bps_code
        from kecamatan
        union all
        select 'unknown', 'tidak diketahui', null
    )

select
    members.kecamatan_code,
    members.kecamatan_name,
    members.bps_code,
    kabupaten.kabupaten_code,
    kabupaten.kabupaten_name
from members
cross join kabupaten
