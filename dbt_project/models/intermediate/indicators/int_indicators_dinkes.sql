-- Pregnant women: KEK is a mid-upper-arm circumference below the limit (numerator: of
-- these, with extra food); tablets and visits are judged of those delivered in the
-- quarter. Immunisation: int_immunisation_quarters. Growth monitored: children due in
-- the quarter's last month who were weighed or measured in it; a desa where nobody was
-- is a desa that did not report. Stunting: of those with a valid height in that month.
-- Couples: examined before the wedding. Villages: no family without a latrine. Sources:
-- Perpres 72/2021 Lampiran A 1, 2, 7, 9 and B 3, 11; limits in indicator_parameters.
with
    pregnancies as (select * from {{ ref("int_pregnancy_quarters") }}),

    delivered as (select * from {{ ref("int_pregnancies_delivered") }}),

    immunisations as (select * from {{ ref("int_immunisation_quarters") }}),

    couples as (select * from {{ ref("int_couple_quarters") }}),

    villages as (select * from {{ ref("int_desa_sanitation_quarters") }}),

    growth as (select * from {{ ref("int_growth_quarters") }}),

    due as (select * from {{ ref("int_indicator_areas_due") }}),

    counted as (
        {{
            count_records(
                "bumil_kek_pmt",
                "pregnancies",
                "muac_cm is not null and (muac_cm >= "
                ~ indicator_parameter("bumil_kek_pmt", "muac_cm")
                ~ " or is_given_extra_food is not null)",
                "muac_cm < " ~ indicator_parameter("bumil_kek_pmt", "muac_cm"),
                "is_given_extra_food",
            )
        }}
        union all
        {{
            count_records(
                "bumil_ttd90",
                "delivered",
                "iron_tablets is not null",
                "true",
                "iron_tablets >= "
                ~ indicator_parameter("bumil_ttd90", "iron_tablets"),
            )
        }}
        union all
        {{
            count_records(
                "bumil_anc",
                "delivered",
                "antenatal_visits is not null",
                "true",
                "antenatal_visits >= "
                ~ indicator_parameter("bumil_anc", "antenatal_visits"),
            )
        }}
        union all
        {{
            count_records(
                "imunisasi_dasar_lengkap",
                "immunisations",
                "is_listed",
                "true",
                "is_complete",
            )
        }}
        union all
        {{ count_records("catin_diperiksa", "couples", "true", "true", "is_examined") }}
        union all
        {{
            count_reports(
                "desa_stop_babs", "villages", "is_free_of_open_defecation", "1"
            )
        }}
        union all
        select
            'pantau_tumbuh' as indicator_id,
            desa_code,
            kecamatan_code,
            quarter,
            nullif(measured, 0) as numerator,
            case when measured > 0 then due end as denominator,
            case when measured > 0 then due else 0 end as records_known,
            due as records_due,
            case when measured > 0 then as_of end as source_as_of
        from growth
        union all
        select
            'stunting' as indicator_id,
            desa_code,
            kecamatan_code,
            quarter,
            case when height_valid > 0 then stunted end as numerator,
            nullif(height_valid, 0) as denominator,
            height_valid as records_known,
            due as records_due,
            case when height_valid > 0 then as_of end as source_as_of
        from growth
    )

select {{ indicator_columns() }}
from counted
