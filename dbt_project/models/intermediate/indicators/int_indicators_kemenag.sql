-- Couples in marriage counselling of the marriages of the quarter, as the offices
-- count. An office knows its kecamatan and no desa. Source: form Agama of Web Aksi
-- Bangda.
with
    offices as (select * from {{ ref("stg_kemenag__marriage_counselling") }}),

    kecamatan_names as (select * from {{ ref("int_kecamatan_names") }}),

    due as (
        select distinct 'unknown' as desa_code, kecamatan_code, quarter
        from {{ ref("int_indicator_areas_due") }}
    ),

    placed as (
        select
            offices.*,
            'unknown' as desa_code,
            coalesce(kecamatan_names.kecamatan_code, 'unknown') as kecamatan_code,
            {{ quarter_of("offices.counted_on") }} as quarter,
            offices.counted_on as as_of,
            {{
                latest_rank(
                    [
                        "coalesce(kecamatan_names.kecamatan_code, kecamatan_name)",
                        "counted_on",
                    ]
                )
            }} as recency
        from offices
        left join kecamatan_names using (kecamatan_name)
    ),

    latest as (select * from placed where recency = 1),

    counted as (
        {{ count_reports("bimwin", "latest", "counselled_couples", "marriages") }}
    )

select {{ indicator_columns() }}
from counted
