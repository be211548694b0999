-- Whether a NIK can be this child's own. Digits 7-12 are the birth date, DDMMYY, with
-- 40 added to a girl's day. A NIK follows no later correction of the birth date, so
-- only the year is compared, give or take one: the usual finding is the mother's NIK,
-- whose year is a grown-up's. The last four are a serial from 0001 for one place, day
-- and sex; a serial in the nine thousands is a made-up number that some posyandu type
-- when there is none.
{% macro is_own_nik(nik, born_on) -%}
    coalesce(
        substr({{ nik }}, 13, 4) <> '0000'
        and substr({{ nik }}, 13, 1) <> '9'
        and cast(substr({{ nik }}, 7, 2) as integer) % 40 between 1 and 31
        and cast(substr({{ nik }}, 9, 2) as integer) between 1 and 12
        and 2000 + cast(substr({{ nik }}, 11, 2) as integer)
        between year({{ born_on }}) - 1 and year({{ born_on }}) + 1,
        false
    )
{%- endmacro %}
