-- As the agency counts: active cadres of all, households of the first thousand days
-- with all services of those due, village money against stunting spent since the year
-- began of what was budgeted for the year. Sources: forms PMD 1 and 2 of Web Aksi
-- Bangda, scorecard of eHDW.
with
    scorecards as (select * from {{ ref("stg_dpmd__village_scorecards") }}),

    funds as (select * from {{ ref("stg_dpmd__village_funds") }}),

    desa_names as (select * from {{ ref("int_desa_names") }}),

    due as (select * from {{ ref("int_indicator_areas_due") }}),

    desa as (select desa_code, kecamatan_code from {{ ref("ref_desa") }}),

    placed as ({{ place_reports("scorecards") }}),

    latest as (select * from placed where recency = 1),

    funds_ranked as (
        select
            funds.*,
            desa.kecamatan_code,
            {{ quarter_of("funds.counted_on") }} as quarter,
            funds.counted_on as as_of,
            {{ latest_rank(["funds.desa_code", "counted_on"]) }} as recency
        from funds
        inner join desa on funds.desa_code = desa.desa_code
    ),

    latest_funds as (select * from funds_ranked where recency = 1),

    counted as (
        {{ count_reports("kpm_aktif", "latest", "active_cadres", "cadres") }}
        union all
        {{
            count_reports(
                "konvergensi_kpm",
                "latest",
                "converged_households",
                "thousand_day_households",
            )
        }}
        union all
        {{
            count_reports(
                "dana_desa_stunting",
                "latest_funds",
                "stunting_spent_rp",
                "stunting_budget_rp",
            )
        }}
    )

select {{ indicator_columns() }}
from counted
