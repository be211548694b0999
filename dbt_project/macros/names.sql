-- A name as it is compared: upper case, letters only.
{% macro name_key(column) -%}
    nullif(regexp_replace(upper({{ column }}), '[^A-Z]', '', 'g'), '')
{%- endmacro %}

-- A child's name as it is compared; a bare "Bayi" or "By Ny" names no child.
{% macro child_name_key(column) -%}
    nullif(regexp_replace({{ name_key(column) }}, '^(BY|BAYI|BBL)(NY|IBU)?$', ''), '')
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

-- Whether a child is not yet named: "By Ny Siti", "Bayi ...", "By Ibu ...".
{% macro is_unnamed(name_key) -%}
    coalesce(regexp_matches({{ name_key }}, '^(BY|BAYI|BBL|ANAKNY)'), true)
{%- endmacro %}
