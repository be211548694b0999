-- As the agency counts: children of 2 to 6 years in early education of all of that age,
-- teachers trained of all. A count of a year holds from that year's first quarter until
-- a later one comes. Sources: forms Pendidikan 1 and 2 of Web Aksi Bangda.
with
    schools as (select * from {{ ref("stg_dindik__early_education") }}),

    quarters as (select quarter from {{ ref("int_indicator_quarters") }}),

    desa_names as (select * from {{ ref("int_desa_names") }}),

    due as (select * from {{ ref("int_indicator_areas_due") }}),

    placed as (
        select
            schools.*,
            coalesce(desa_names.desa_code, 'unknown') as desa_code,
            coalesce(desa_names.kecamatan_code, 'unknown') as kecamatan_code,
            quarters.quarter,
            schools.counted_on as as_of,
            {{
                latest_rank(
                    [
                        "coalesce(desa_names.kecamatan_code, kecamatan_name)",
                        "coalesce(desa_names.desa_code, desa_name)",
                        "quarter",
                    ],
                    "year",
                )
            }} as recency
        from schools
        inner join quarters on schools.year <= year(quarters.quarter)
        left join desa_names using (kecamatan_name, desa_name)
    ),

    latest as (select * from placed where recency = 1),

    counted as (
        {{ count_reports("paud_2_6", "latest", "children_attending", "children_2_6") }}
        union all
        {{
            count_reports(
                "guru_paud_terlatih", "latest", "trained_teachers", "teachers"
            )
        }}
    )

select {{ indicator_columns() }}
from counted
