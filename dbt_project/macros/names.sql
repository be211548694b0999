-- The letters of a name as written, in capitals.
{% macro letters(column) -%}
    nullif({{ replace_every("upper(" ~ column ~ ")", "[^A-Z]", "") }}, '')
{%- endmacro %}

-- Name words with many spellings, and words that name nobody. Muhammad goes when
-- another word follows: three boys in ten carry it, in a dozen spellings.
{% macro name_words() -%}
    {{
        return(
            [
                ["[’''`]", ""],
                ["[^A-Z]+", " "],
                ["\\b(BIN|BINTI|BT|B|H|HJ|DRS|DR|IR|ALM|ALMH|NY|TN)\\b", " "],
                [
                    "\\b(M[OU]C?H?A?M+[AE]D|MUHMAD|MUH|MOH|MOCH|MHD|MD|MUHD|M)\\b",
                    " ",
                ],
                ["\\b(SITI|ST|STI)\\b", "SITI"],
                ["\\b(ACHMAD|AHMAD|AHMED|AHMD|AHM)\\b", "AHMAD"],
                ["\\b(ABDUL|ABD|ABDL)\\b", "ABDUL"],
                ["\\b(AL|EL) ", "AL"],
                [" +", " "],
            ]
        )
    }}
{%- endmacro %}

-- Letters written for one sound: sy/s, kh/h, f/p, y/i, z/j; then doubled letters once,
-- and a silent h at the end not at all.
{% macro name_sounds() -%}
    {% set pairs = [
        ["DZ", "J"],
        ["DJ", "J"],
        ["TJ", "C"],
        ["OE", "U"],
        ["SY", "S"],
        ["SH", "S"],
        ["KH", "H"],
        ["TH", "T"],
        ["DH", "D"],
        ["GH", "G"],
        ["F", "P"],
        ["V", "P"],
        ["Q", "K"],
        ["X", "KS"],
        ["Y", "I"],
        ["Z", "J"],
    ] %}
    {% for letter in "ABCDEGHIJKLMNOPRSTUW" %}
        {% do pairs.append([letter ~ letter, letter]) %}
    {% endfor %}
    {{ return(pairs + [["H ", " "]]) }}
{%- endmacro %}

-- A name as it is compared: words in one spelling. 'Moh. Farhan Al Fatih' and 'FARHAN
-- AL-FATIH' are PARHAN ALPATI; Muhammad alone says nothing.
{% macro name_key(column) -%}
    {%- set ns = namespace(sql="' ' || upper(" ~ column ~ ") || ' '") -%}
    {%- for pattern, word in name_words() -%}
        {%- set ns.sql = replace_every(ns.sql, pattern, word) -%}
    {%- endfor -%}
    {%- for written, sound in name_sounds() -%}
        {%- set ns.sql = (
            "replace(" ~ ns.sql ~ ", '" ~ written ~ "', '" ~ sound ~ "')"
        ) -%}
    {%- endfor -%}
    nullif(trim({{ ns.sql }}), '')
{%- endmacro %}

-- The words that stand for the name of a child not yet named.
{% macro newborn_words() -%}
    {{ "(BY|BAYI|BBL|ANAK[^A-Z]*NY|TANPA NAMA|BELUM (ADA|DIBERI) NAMA)" }}
{%- endmacro %}

-- Whether a child is not yet named: "By Ny Siti", "Bayi Siti", "Anak Ny ..."; Byanca is
-- a name.
{% macro is_unnamed(column) -%}
    coalesce(
        {{
            has_match(
                "trim(upper(" ~ column ~ "))",
                "^" ~ newborn_words() ~ "[^A-Z]*(NY|IBU|[^A-Z]|$)",
            )
        }},
        true
    )
{%- endmacro %}

-- The first or second name in a cell that father and mother share, in either order.
{% macro parent_part(column, place) -%}
    split_part(replace({{ column }}, ',', '/'), '/', {{ place }})
{%- endmacro %}

-- What follows "By Ny" and the like: the mother's name.
{% macro mother_called(column) -%}
    regexp_extract(
        trim(upper({{ column }})),
        '^{{ newborn_words() }}[^A-Z]*(NY|IBU)?[^A-Z]*(.*)$',
        4
    )
{%- endmacro %}

-- A place as it is compared: without the word for its kind (Kec., Desa, Puskesmas ...),
-- letters only.
{% macro place_key(column) -%}
    {%- set without_kind -%}
    regexp_replace(
        trim(upper({{ column }})),
        '^((KECAMATAN|KEC|DESA|DS|KELURAHAN|KEL|UPTD|UPT|PUSKESMAS|PKM)[. ]+)+',
        ''
    )
    {%- endset -%}
    nullif({{ replace_every(without_kind, "[^A-Z]", "") }}, '')
{%- endmacro %}

-- Whether two names in one spelling are like each other: few letters apart, or one the
-- beginning of the other.
{% macro is_like_name(left, right, percent) -%}
    (
        {{ alike(left, right, percent) }}
        or left({{ left }}, length({{ right }}) + 1) = {{ right }} || ' '
        or left({{ right }}, length({{ left }}) + 1) = {{ left }} || ' '
    )
{%- endmacro %}

-- A posyandu as it is compared, inside its desa: its number is part of the name.
{% macro posyandu_key(column) -%}
    {%- set without_kind -%}
    regexp_replace(trim(upper({{ column }})), '^((POSYANDU|POSY|PYD)[. ]+)+', '')
    {%- endset -%}
    nullif(trim({{ replace_every(without_kind, "[^A-Z0-9]+", " ") }}), '')
{%- endmacro %}
