-- Families at risk of stunting (keluarga berisiko stunting, KRS) in three ways that are
-- never mixed: as BKKBN gives the status, from the criteria BKKBN itself gives, and
-- from our own records. KRS = a target family with one risk at least
-- (ref_krs_definition); risk found in one criterion is a risk although others are
-- unknown, none is said only when all are known. It is a list of whom to accompany:
-- neither an outcome nor a part of any score.
{% set criteria = [
    "is_water_unfit",
    "is_latrine_unfit",
    "is_too_young",
    "is_too_old",
    "is_too_close",
    "is_too_many",
] %}
with
    families as (select * from {{ ref("stg_dkbp3a__families_at_risk") }}),

    family_cards as (select * from {{ ref("int_bkkbn_family_cards") }}),

    recorded as (select * from {{ ref("int_krs_recorded") }}),

    desa_names as (select * from {{ ref("int_desa_names") }}),

    joined as (
        select
            families.family_code,
            families.as_of,
            {{ quarter_of("families.as_of") }} as quarter,
            family_cards.no_kk,
            family_cards.rule as card_rule,
            desa_names.desa_code,
            families.has_couple,
            families.is_pregnant,
            families.has_under_two,
            families.has_two_to_five,
            {% for criterion in criteria %} families.{{ criterion }}, {% endfor %}
            families.is_at_risk,
            families.is_accompanied,
            (
                families.has_couple
                or families.is_pregnant
                or families.has_under_two
                or families.has_two_to_five
            )
            and (
                {% for criterion in criteria %}
                    families.{{ criterion }} {% if not loop.last %} or {% endif %}
                {% endfor %}
            ) as is_at_risk_by_flags,
            {% for criterion in criteria %}
                recorded.{{ criterion }} as {{ criterion }}_recorded,
            {% endfor %}
            recorded.is_target
            and (
                {% for criterion in criteria %}
                    recorded.{{ criterion }} {% if not loop.last %} or {% endif %}
                {% endfor %}
            ) as is_at_risk_by_records
        from families
        inner join family_cards using (family_code, as_of)
        left join recorded using (family_code, as_of)
        left join desa_names using (kecamatan_name, desa_name)
    )

select *
from joined
