-- National decile: some offices write a range; a range stays a range, and no decile is
-- unknown, never 1.
with
    families as (
        select * from {{ source("dinsos", "dtsen_keluarga") }} where {{ is_believed() }}
    ),

    -- BPS's codes and Kemendagri's share 3604 and nothing after it: only the table maps
    -- one to the other
    desa as (select desa_code, bps_code from {{ ref("ref_desa") }}),

    kecamatan as (select kecamatan_code, bps_code from {{ ref("ref_kecamatan") }}),

    coded as (
        select
            -- ids
            families.no_kk,
            desa.desa_code,
            kecamatan.kecamatan_code,

            -- measures
            case
                when families.national_decile like '6-10%'
                then 6
                else try_cast(families.national_decile as integer)
            end as decile_low,
            case
                when families.national_decile like '6-10%'
                then 10
                else try_cast(families.national_decile as integer)
            end as decile_high,

            -- codes
            families.latrine_access as latrine_access_code,
            families.closet_type as closet_code,
            families.disposal as disposal_code,
            families.water_source as water_source_code,

            -- dates
            {{ period_end("families._period") }} as as_of,

            -- lineage
            families._delivery_id as delivery_id,
            families._row as delivery_row,
            families._received_at as received_at
        from families
        -- a family in a desa without a BPS code keeps its row
        left join desa on families.desa_bps_code = cast(desa.bps_code as string)
        -- nor has every desa one: then the first seven digits tell the kecamatan
        left join
            kecamatan
            on left(families.desa_bps_code, 7) = cast(kecamatan.bps_code as string)
    )

select *
from coded
