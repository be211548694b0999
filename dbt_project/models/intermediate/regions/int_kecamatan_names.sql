with
    places as (select * from {{ ref("int_places_written") }}),

    kecamatan as (select * from {{ ref("ref_kecamatan") }}),

    written as (select distinct kecamatan_name from places),

    matched as (
        select written.kecamatan_name, kecamatan.kecamatan_code
        from written
        left join
            kecamatan
            on {{ place_key("written.kecamatan_name") }}
            = {{ place_key("kecamatan.kecamatan_name") }}
    )

select *
from matched
