-- The last STBM report of each desa in a quarter. More families without a latrine than
-- families is a wrong row, and the desa has not reported.
with
    reports as (
        select *, reported_on as counted_on
        from {{ ref("stg_dinkes__desa_sanitation") }}
        where open_defecation_families <= families
    ),

    desa_names as (select * from {{ ref("int_desa_names") }}),

    placed as (
        select
            coalesce(desa_names.desa_code, 'unknown') as desa_code,
            coalesce(desa_names.kecamatan_code, 'unknown') as kecamatan_code,
            {{ quarter_of("reports.reported_on") }} as quarter,
            reports.families,
            reports.open_defecation_families,
            case
                when reports.open_defecation_families = 0 then 1 else 0
            end as is_free_of_open_defecation,
            reports.reported_on as as_of,
            {{
                latest_rank(
                    [
                        "coalesce(desa_names.desa_code, desa_name)",
                        "coalesce(desa_names.kecamatan_code, kecamatan_name)",
                        quarter_of("reports.reported_on"),
                    ],
                    "reported_on",
                )
            }} as recency
        from reports
        left join desa_names using (kecamatan_name, desa_name)
    )

select * {{ without("recency") }}
from placed
where recency = 1
