-- A number as a person in Indonesia writes it: one decimal after a comma, none for a
-- whole one.
{% macro number_indonesian(value) -%}
    replace(
        regexp_replace(
            cast(cast({{ value }} as decimal(12, 1)) as string), '[.]0$', ''
        ),
        '.',
        ','
    )
{%- endmacro %}

-- A month as it is said: Oktober 2026.
{% macro month_indonesian(day) -%}
    case
        month({{ day }})
        {%- for name in [
            "Januari",
            "Februari",
            "Maret",
            "April",
            "Mei",
            "Juni",
            "Juli",
            "Agustus",
            "September",
            "Oktober",
            "November",
            "Desember",
        ] %}
            when {{ loop.index }} then '{{ name }} '
        {%- endfor %}
    end
    || cast(year({{ day }}) as string)
{%- endmacro %}

-- A quarter as the forms say it: Triwulan IV 2026.
{% macro quarter_indonesian(day) -%}
    case
        quarter({{ day }})
        when 1
        then 'Triwulan I '
        when 2
        then 'Triwulan II '
        when 3
        then 'Triwulan III '
        else 'Triwulan IV '
    end
    || cast(year({{ day }}) as string)
{%- endmacro %}

-- Half a year as the forms say it: Semester II 2026.
{% macro semester_indonesian(day) -%}
    case when month({{ day }}) <= 6 then 'Semester I ' else 'Semester II ' end
    || cast(year({{ day }}) as string)
{%- endmacro %}
