-- Desa in the classes of the map (FSVA) that count as vulnerable, of all on the map. A
-- map holds from its year's first quarter until a later one comes.
with
    classes as (select * from {{ ref("stg_ketahanan_pangan__food_security") }}),

    quarters as (select quarter from {{ ref("int_indicator_quarters") }}),

    desa as (select desa_code, kecamatan_code from {{ ref("ref_desa") }}),

    due as (select * from {{ ref("int_indicator_areas_due") }}),

    placed as (
        select
            classes.desa_code,
            desa.kecamatan_code,
            quarters.quarter,
            case
                when
                    classes.priority
                    <= {{ indicator_parameter("desa_rentan_pangan", "priority") }}
                then 1
                else 0
            end as is_vulnerable,
            classes.counted_on as as_of,
            {{ latest_rank(["classes.desa_code", "quarter"], "year") }} as recency
        from classes
        inner join desa on classes.desa_code = desa.desa_code
        inner join quarters on classes.year <= year(quarters.quarter)
    ),

    latest as (select * from placed where recency = 1),

    counted as (
        {{ count_reports("desa_rentan_pangan", "latest", "is_vulnerable", "1") }}
    )

select {{ indicator_columns() }}
from counted
