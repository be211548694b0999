-- Classes of nutritional status with the labels of Permenkes 2/2020, as codes, each
-- list whole as the decree has it. Cut-offs are strict, on the z-score rounded to two
-- decimals. Prevalence goes by int_child_months_measured.is_stunted and its like.
{% macro height_for_age_class(z) -%}
    case
        when {{ z }} < -3
        then 'sangat_pendek'
        when {{ z }} < -2
        then 'pendek'
        when {{ z }} <= 3
        then 'normal'
        when {{ z }} > 3
        then 'tinggi'
    end
{%- endmacro %}

{% macro weight_for_age_class(z) -%}
    case
        when {{ z }} < -3
        then 'sangat_kurang'
        when {{ z }} < -2
        then 'kurang'
        when {{ z }} <= 1
        then 'normal'
        when {{ z }} > 1
        then 'risiko_lebih'
    end
{%- endmacro %}

{% macro weight_for_height_class(z) -%}
    case
        when {{ z }} < -3
        then 'gizi_buruk'
        when {{ z }} < -2
        then 'gizi_kurang'
        when {{ z }} <= 1
        then 'gizi_baik'
        when {{ z }} <= 2
        then 'risiko_gizi_lebih'
        when {{ z }} <= 3
        then 'gizi_lebih'
        when {{ z }} > 3
        then 'obesitas'
    end
{%- endmacro %}
