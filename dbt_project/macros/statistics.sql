-- The normal distribution below z, with an error under 1e-7 (Abramowitz & Stegun
-- 26.2.17).
{% macro normal_below(z) -%}
    (
        0.5
        + sign({{ z }})
        * (
            0.5
            - exp(- {{ z }} * {{ z }} / 2)
            / sqrt(2 * pi())
            * (
                0.319381530 / (1 + 0.2316419 * abs({{ z }}))
                - 0.356563782 / pow(1 + 0.2316419 * abs({{ z }}), 2)
                + 1.781477937 / pow(1 + 0.2316419 * abs({{ z }}), 3)
                - 1.821255978 / pow(1 + 0.2316419 * abs({{ z }}), 4)
                + 1.330274429 / pow(1 + 0.2316419 * abs({{ z }}), 5)
            )
        )
    )
{%- endmacro %}

-- A number as Indonesian text, one digit behind the comma.
{% macro indonesian_number(number) -%}
    replace(cast(cast({{ number }} as decimal(9, 1)) as string), '.', ',')
{%- endmacro %}

-- A change in words.
{% macro indonesian_change(points) -%}
    case when {{ points }} < 0 then 'turun ' else 'naik ' end
    || {{ indonesian_number("abs(" ~ points ~ ")") }}
{%- endmacro %}
