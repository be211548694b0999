-- A name as it is compared: upper case, letters only.
{% macro name_key(column) -%}
    nullif(regexp_replace(upper({{ column }}), '[^A-Z]', '', 'g'), '')
{%- endmacro %}

-- The words that stand for the name of a child not yet named.
{% macro newborn_words() -%} {{ "(BY|BAYI|BBL|ANAK[^A-Z]*NY)" }} {%- endmacro %}

-- Whether a child is not yet named: "By Ny Siti", "Bayi Siti", "Anak Ny ..."; Byanca is
-- a name.
{% macro is_unnamed(column) -%}
    coalesce(
        regexp_matches(
            trim(upper({{ column }})), '^{{ newborn_words() }}[^A-Z]*(NY|IBU|[^A-Z]|$)'
        ),
        true
    )
{%- endmacro %}

-- A child's name as it is compared; a bare "Bayi" or "By Ny" names no child.
{% macro child_name_key(column) -%}
    nullif(
        regexp_replace({{ name_key(column) }}, '^{{ newborn_words() }}(NY|IBU)?$', ''),
        ''
    )
{%- endmacro %}

-- The first word of a name, letters only.
{% macro first_name_key(column) -%}
    nullif(
        regexp_replace(
            split_part(trim(upper({{ column }})), ' ', 1), '[^A-Z]', '', 'g'
        ),
        ''
    )
{%- endmacro %}

-- A place as it is compared: without the word for its kind (Kec., Desa, Puskesmas ...),
-- letters only.
{% macro place_key(column) -%}
    nullif(
        regexp_replace(
            regexp_replace(
                trim(upper({{ column }})),
                '^((KECAMATAN|KEC|DESA|DS|KELURAHAN|KEL|UPTD|UPT|PUSKESMAS|PKM)[. ]+)+',
                ''
            ),
            '[^A-Z]',
            '',
            'g'
        ),
        ''
    )
{%- endmacro %}
