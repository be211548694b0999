-- A threshold of linkage, from its seed.
{% macro linkage_threshold(name) -%}
    (select points from {{ ref("linkage_thresholds") }} where name = '{{ name }}')
{%- endmacro %}

-- What no score may join, on the levels of a pair and its records l and r.
-- Siblings share card, parents and desa: on another birth date or sex the name must
-- agree. Twins: two first names on one birth, two NIKs of one series in one register,
-- or
-- two names like each other that a registry knows as two.
-- And a register that lists each person once means two people by two NIKs.
{% macro is_guarded() -%}
    (born_on_level <> 'same' and name_level in ('first', 'loose', 'differs'))
    or (
        name_level = 'missing'
        and (
            born_on_level in ('month', 'differs')
            or (born_on_level = 'one_part' and year(l.born_on) <> year(r.born_on))
        )
    )
    or (sex_level = 'differs' and name_level not in ('same_rare', 'same', 'near'))
    or (
        name_level in ('loose', 'differs')
        and not coalesce({{ alike("l.first_key", "r.first_key", 30) }}, true)
    )
    or (
        l.agency = r.agency
        and nik_level = 'neighbour'
        and name_level not in ('same_rare', 'same', 'part')
    )
    or (
        l.agency = r.agency
        and l.name_key <> r.name_key
        and l.is_name_registered
        and r.is_name_registered
        and not l.is_one_row_each
    )
    or (
        l.agency = r.agency
        and l.is_one_row_each
        and nik_level not in ('same', 'missing')
    )
{%- endmacro %}

-- What a person has to look at whatever the score, inside a register that may list a
-- child twice. Two first names like each other on one birth may be a slip of the pen or
-- twins, when no NIK tells. And a newborn whose name is known is no longer called By
-- Ny:
-- who is listed under both at one time may be two.
{% macro is_doubtful() -%}
    l.agency = r.agency
    and not l.is_one_row_each
    and (
        (
            name_level in ('near', 'first', 'loose')
            and born_on_level = 'same'
            and nik_level not in ('same', 'one_off')
            and l.first_key <> r.first_key
        )
        or (
            l.is_unnamed <> r.is_unnamed
            and case
                when l.is_unnamed
                then l.last_as_of > r.first_as_of
                else r.last_as_of > l.first_as_of
            end
        )
    )
{%- endmacro %}

-- The points of a pair as a person reads them: 'NIK sama +58, nama sama +30, ...'.
{% macro waterfall(pair) -%}
    concat_ws(
        ', '
        {%- for comparison in fromjson(linkage_levels()) %}
            ,
            (
                select note || case when points < 0 then ' ' else ' +' end || points
                from {{ ref("linkage_points") }}
                where
                    comparison = '{{ comparison }}'
                    and level = {{ pair }}.{{ comparison }}_level
            )
        {%- endfor %}
    )
{%- endmacro %}
