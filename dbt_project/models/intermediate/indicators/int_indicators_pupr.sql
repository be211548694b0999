-- Families with a proper (layak) main source of drinking water (ref_water_sources), of
-- those whose source is known. Counted from DTSEN, family by family in every quarter:
-- the agency's own count per desa comes once a year and does not say which source
-- counts. It stays beside the children as context of their desa. Source: Perpres
-- 72/2021 Lampiran B 4.
with
    families as (select * from {{ ref("int_family_quarters") }}),

    counted as (
        {{
            count_records(
                "air_minum_layak",
                "families",
                "has_improved_water is not null",
                "true",
                "has_improved_water",
            )
        }}
    )

select {{ indicator_columns() }}
from counted
