-- WHO's month of age is 30.4375 days, so 9 months end at 273.9375 days and 60 months at
-- 1826.25.
{% macro days_per_month() -%} 30.4375 {%- endmacro %}

-- Completed months of an age in days.
{% macro completed_months(age_days) -%}
    cast(floor({{ age_days }} / {{ days_per_month() }}) as integer)
{%- endmacro %}

-- Whether an age in days is below so many months.
{% macro is_under_months(age_days, months) -%}
    {{ age_days }} < {{ months }} * {{ days_per_month() }}
{%- endmacro %}

-- A corrected height as if lying: the standards have it standing from day 731 on, and
-- 0.7 cm less. Heights of the two sides are compared in one position.
{% macro lying_cm(corrected_height_cm, age_days) -%}
    ({{ corrected_height_cm }} + case when {{ age_days }} >= 731 then 0.7 else 0 end)
{%- endmacro %}

-- The formulas of the WHO Child Growth Standards, each written once. As arguments, y is
-- the child's measure and `standard` the prefix of three columns: lhfa means lhfa_l,
-- lhfa_m and lhfa_s (power, median, coefficient of variation).
--
-- z = ((y / M)^L - 1) / (L S). No L of the standards is 0, so no logarithm is needed.
-- Dividing, and not multiplying by 1 / M, keeps WHO's own rounding.
{% macro who_z(y, standard) -%}
    (pow({{ y }} / {{ standard }}_m, {{ standard }}_l) - 1)
    / ({{ standard }}_l * {{ standard }}_s)
{%- endmacro %}

-- The measure k standard deviations from the median: M (1 + L S k)^(1 / L).
{% macro who_measure_at(k, standard) -%}
    {{ standard }}_m
    * pow(1 + {{ standard }}_l * {{ standard }}_s * ({{ k }}), 1 / {{ standard }}_l)
{%- endmacro %}

-- Weight, BMI and MUAC are skewed, and few children stand behind the outer curves:
-- beyond 3 SD the scale goes on in equal steps, each as wide as that from 2 to 3 SD.
{% macro who_restricted_z(z, y, standard) -%}
    case
        when {{ z }} > 3
        then
            3
            + ({{ y }} - {{ who_measure_at(3, standard) }})
            / ({{ who_measure_at(3, standard) }} - {{ who_measure_at(2, standard) }})
        when {{ z }} < -3
        then
            -3
            + ({{ y }} - {{ who_measure_at(-3, standard) }})
            / ({{ who_measure_at(-2, standard) }} - {{ who_measure_at(-3, standard) }})
        else {{ z }}
    end
{%- endmacro %}
