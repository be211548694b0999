-- Families with a proper (layak) latrine, own or shared: swan neck with septic tank or
-- IPAL (ref_latrine_levels), of those whose latrine is known. Counted from DTSEN: STBM
-- counts latrines without saying where the excreta go, and the housing survey has unfit
-- houses only. Source: Perpres 72/2021 Lampiran B 5.
with
    families as (select * from {{ ref("int_family_quarters") }}),

    counted as (
        {{
            count_records(
                "sanitasi_layak",
                "families",
                "latrine_level is not null",
                "true",
                "latrine_level in ('safe_or_proper_own', 'proper_shared')",
            )
        }}
    )

select {{ indicator_columns() }}
from counted
