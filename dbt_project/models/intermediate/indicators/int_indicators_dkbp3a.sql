-- Contraception after delivery: of the pregnancies delivered in the quarter (register
-- of the Dinkes). Families accompanied: of the families that BKKBN gives as at risk.
-- Parenting groups: as the agency counts. Sources: Perpres 72/2021 Lampiran B 1 and 7;
-- form KB 2 of Web Aksi Bangda.
with
    delivered as (select * from {{ ref("int_pregnancies_delivered") }}),

    families as (select * from {{ ref("stg_dkbp3a__families_at_risk") }}),

    groups as (select * from {{ ref("stg_dkbp3a__parenting_groups") }}),

    desa_names as (select * from {{ ref("int_desa_names") }}),

    due as (select * from {{ ref("int_indicator_areas_due") }}),

    families_placed as (
        select
            families.is_at_risk,
            families.is_accompanied,
            {{ quarter_of("families.as_of") }} as quarter,
            desa_names.desa_code,
            desa_names.kecamatan_code,
            families.as_of
        from families
        left join desa_names using (kecamatan_name, desa_name)
    ),

    placed as ({{ place_reports("groups") }}),

    latest as (select * from placed where recency = 1),

    counted as (
        {{
            count_records(
                "kb_pasca_salin",
                "delivered",
                "is_using_contraception is not null",
                "true",
                "is_using_contraception",
            )
        }}
        union all
        {{
            count_records(
                "krs_didampingi",
                "families_placed",
                "is_at_risk is not null and (not is_at_risk or is_accompanied is not null)",
                "is_at_risk",
                "is_accompanied",
            )
        }}
        union all
        {{
            count_reports(
                "bkb_hadir", "latest", "attending_families", "target_families"
            )
        }}
    )

select {{ indicator_columns() }}
from counted
