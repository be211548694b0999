-- How the weighings of an area are judged. What is counted is counted once, per
-- posyandu; macros here make the indices of these counts, so that posyandu and
-- puskesmas are judged by the same SQL. An index of too few measurements is null
-- (ref_quality_minimums), its count stands beside it.
-- The count at or above which an index says something, from its seed.
{% macro quality_minimum(index) -%}
    (
        select min_count
        from {{ ref("ref_quality_minimums") }}
        where index = '{{ index }}'
    )
{%- endmacro %}

-- How many measures end in each digit, to the first decimal: ten columns.
{% macro digit_counts(measure, prefix) -%}
    {%- for digit in range(10) %}
        count(*) filter (
            where cast(round({{ measure }} * 10) as integer) % 10 = {{ digit }}
        ) as {{ prefix }}_digit_{{ digit }}
        {%- if not loop.last %},{% endif %}
    {%- endfor %}
{%- endmacro %}

-- Digit preference score, 0 where all ten last digits are equally frequent to 100 where
-- there is only one: 100 sqrt(chi2 / (n df)) with chi2 against equal shares and df = 9
-- (Kuulasmaa, Hense and Tolonen 1998, WHO MONICA e-publications No. 9; SMART and NiPN
-- call below 8 excellent, 12 good, 20 acceptable). chi2 / n = 10 sum(p^2) - 1.
{% macro digit_preference_score(prefix) -%}
    {%- set digits = [] -%}
    {%- for digit in range(10) -%}
        {%- do digits.append("sum(" ~ prefix ~ "_digit_" ~ digit ~ ")") -%}
    {%- endfor -%}
    {%- set count = "(" ~ digits | join(" + ") ~ ")" -%}
    case
        when {{ count }} >= {{ quality_minimum("digit_preference_score") }}
        then
            round(
                100 * sqrt(
                    greatest(
                        10.0 * (
                            {%- for digit in digits %}
                                pow({{ digit }}, 2) {% if not loop.last %} +{% endif %}
                            {%- endfor %}
                        )
                        / pow({{ count }}, 2)
                        - 1,
                        0
                    )
                    / 9
                ),
                2
            )
    end
{%- endmacro %}

-- Count, sum and sum of squares of a z-score where it is not flagged, in whole
-- hundredths: they add up over areas exactly, in any order. A standard deviation does
-- not.
{% macro z_sums(index) -%}
    {%- set z = "cast(round(100 * " ~ index ~ ") as bigint)" -%}
    count({{ index }}) filter (where not is_{{ index }}_flagged) as {{ index }}_valid,
    count(*) filter (where is_{{ index }}_flagged) as {{ index }}_flagged,
    coalesce(
        sum({{ z }}) filter (where not is_{{ index }}_flagged), 0
    ) as {{ index }}_sum,
    coalesce(
        sum({{ z }} * {{ z }}) filter (where not is_{{ index }}_flagged), 0
    ) as {{ index }}_squares
{%- endmacro %}

-- The standard deviation of these sums. Random error of measuring widens it: WHO and
-- UNICEF 2019 and SMART expect 0.8 to 1.2; for HAZ 1.1 to 1.3 is usual.
{% macro z_sd(index) -%}
    {%- set count = "sum(" ~ index ~ "_valid)" -%}
    case
        when {{ count }} >= {{ quality_minimum("z_sd") }}
        then
            round(
                sqrt(
                    (
                        sum({{ index }}_squares)
                        - pow(sum({{ index }}_sum), 2) / {{ count }}
                    )
                    / ({{ count }} - 1)
                )
                / 100,
                3
            )
    end
{%- endmacro %}

-- A share in per cent, null where nothing was counted.
{% macro pct(part, whole) -%}
    100.0 * sum({{ part }}) / nullif(sum({{ whole }}), 0)
{%- endmacro %}

-- A count that is zero where there was no weighing at all.
{% macro total(counts) -%}
    cast(coalesce(sum({{ counts }}), 0) as bigint)
{%- endmacro %}

-- All columns of data_quality_puskesmas and data_quality_posyandu after coverage, of
-- the sums of int_area_weighings_counted and int_area_scores_counted.
{% macro quality_columns() -%}
    {{ total("rows_accepted") }} as rows_accepted,
    {{ total("same_day_duplicates") }} as same_day_duplicates,
    {{ total("second_writings") }} as second_writings,
    {{ pct("duplicates", "rows_accepted") }} as duplicates_pct,
    {{ total("rows_before_birth") }} as rows_before_birth,
    {{ pct("nik_missing", "rows_accepted") }} as nik_missing_pct,
    {{ pct("nik_lost", "rows_accepted") }} as nik_lost_pct,
    {{ pct("position_unknown", "rows_accepted") }} as position_unknown_pct,
    {{ pct("position_unexpected", "positions") }} as position_unexpected_pct,
    {{ total("heights") }} as heights,
    {{ pct("heights_missing", "rows_accepted") }} as height_missing_pct,
    case
        when sum(heights) >= {{ quality_minimum("whole_cm_pct") }}
        then {{ pct("whole_cm", "heights") }}
    end as whole_cm_pct,
    {{ digit_preference_score("height") }} as height_digit_score,
    {{ total("weights") }} as weights,
    {{ pct("weights_missing", "rows_accepted") }} as weight_missing_pct,
    {{ digit_preference_score("weight") }} as weight_digit_score,
    {{ total("ages_near_birthday") }} as ages_near_birthday,
    case
        when sum(ages_near_birthday) >= {{ quality_minimum("age_heaping_index") }}
        then 500.0 * sum(ages_at_birthday) / sum(ages_near_birthday)
    end as age_heaping_index,
    {%- for index in ["haz", "waz", "whz"] %}
        {{ total(index ~ "_valid") }} as {{ index }}_valid,
        {{ z_sd(index) }} as {{ index }}_sd,
        100.0
        * sum({{ index }}_flagged)
        / nullif(
            sum({{ index }}_flagged) + sum({{ index }}_valid), 0
        ) as {{ index }}_flagged_pct,
    {%- endfor %}
    {{ pct("flagged", "measurements") }} as flagged_pct,
    {{ total("heights_compared") }} as heights_compared,
    {{ total("implausible_shrinks") }} as implausible_shrinks
{%- endmacro %}
