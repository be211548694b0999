-- ln(Gamma(z)) for z > 0: Stirling's series (Abramowitz & Stegun 6.1.41) at z + 6,
-- where it is good to 2e-9, stepped back by Gamma(z + 1) = z Gamma(z). Not every
-- engine has lgamma.
{% macro ln_gamma(z) -%}
    (
        ({{ z }} + 5.5) * ln({{ z }} + 6)
        - ({{ z }} + 6)
        + 0.9189385332046727
        + 1 / (12 * ({{ z }} + 6))
        - 1 / (360 * pow({{ z }} + 6, 3))
        + 1 / (1260 * pow({{ z }} + 6, 5))
        - ln(
            ({{ z }})
            * ({{ z }} + 1)
            * ({{ z }} + 2)
            * ({{ z }} + 3)
            * ({{ z }} + 4)
            * ({{ z }} + 5)
        )
    )
{%- endmacro %}

-- ln of the beta function.
{% macro ln_beta(a, b) -%}
    ({{ ln_gamma(a) }} + {{ ln_gamma(b) }} - {{ ln_gamma(a ~ " + " ~ b) }})
{%- endmacro %}

-- How many children's worth of weight an area may borrow from its parent: 36 values
-- from 2 to 19,500.
{% macro area_borrowings() -%}
    select 2 * pow(1.3, generated_number - 1) as area_borrows
    from ({{ dbt.generate_series(36) }}) as series
{%- endmacro %}

-- How much a parent may borrow from the kabupaten: 18 values from 5 to 4,900.
{% macro parent_borrowings() -%}
    select 5 * pow(1.5, generated_number - 1) as parent_borrows
    from ({{ dbt.generate_series(18) }}) as series
{%- endmacro %}

-- Where a distribution passes a share, in a straight line between two of its steps.
{% macro log_odds_at(wanted) -%}
    max(
        case
            when last_below < {{ wanted }} and below >= {{ wanted }}
            then
                log_odds
                - (log_odds - last_log_odds)
                * (below - {{ wanted }})
                / (below - last_below)
        end
    )
{%- endmacro %}

-- A threshold of the honest figures, from its seed.
{% macro estimate_rule(name) -%}
    (select value from {{ ref("ref_estimate_rules") }} where rule = '{{ name }}')
{%- endmacro %}
