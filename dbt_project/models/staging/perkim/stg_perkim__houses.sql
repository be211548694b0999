-- The survey's words are given DTSEN's codes, so that one ladder (ref_latrine_levels,
-- ref_water_sources) serves both.
with
    houses as (
        select * from {{ source("perkim", "rtlh_rumah") }} where {{ is_believed() }}
    ),

    coded as (
        select
            -- ids
            house_id,
            owner_no_kk,

            -- places, as written
            kecamatan_name,
            desa_name,

            -- codes
            case
                latrine_ownership
                when 'Sendiri'
                then '1'
                when 'Bersama'
                then '2'
                when 'Tidak Ada'
                then '6'
            end as latrine_access_code,
            case
                closet_type
                when 'Leher Angsa'
                then '1'
                when 'Plengsengan'
                then '2'
                when 'Cemplung'
                then '4'
            end as closet_code,
            case
                disposal
                when 'Septictank/IPAL'
                then '1'
                when 'Kolam/Sawah/Sungai/Danau/Laut'
                then '3'
                when 'Lubang Tanah'
                then '4'
                when 'Pantai/Tanah Lapang/Kebun'
                then '5'
            end as disposal_code,
            -- a spring (Mata Air) is not said to be protected or not: unknown
            case
                water_source
                when 'Air Kemasan/Isi Ulang'
                then '2'
                when 'PDAM'
                then '3'
                when 'Sumur Bor'
                then '4'
                when 'Sumur Terlindung'
                then '5'
                when 'Sumur Tidak Terlindung'
                then '6'
                when 'Air Hujan'
                then '10'
                when 'Lainnya'
                then '11'
            end as water_source_code,

            -- dates
            surveyed_on,

            -- lineage
            _delivery_id as delivery_id,
            _row as delivery_row,
            _received_at as received_at
        from houses
    )

select *
from coded
