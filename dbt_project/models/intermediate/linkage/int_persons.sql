{{ config(materialized="view") }}
-- Every row of every feed that names persons, in standard columns. Which columns these
-- are is said by the contracts; a new feed of persons appears here by its contract.
{% for feed in person_feeds() %}
    {%- set roles = linked_columns(feed) -%}
    {%- if not loop.first %}
        union all
    {%- endif %}
    select
        '{{ register_name(feed.source_name, feed.name) }}' as agency,
        {{ feed.config.meta.persons.authority }} as authority,
        {{ feed.config.meta.persons.one_row_each }} as is_one_row_each,
        {{ identity_key(feed.source_name, feed.name) }} as identity_key,
        {{ linked(roles, "nik") }} as nik,
        {{ linked(roles, "no_kk") }} as no_kk,
        {{ linked(roles, "name") }} as person_name,
        case
            when upper(left({{ linked(roles, "sex") }}, 1)) in ('L', '1')
            then 'L'
            else 'P'
        end as sex,
        {{ linked(roles, "born_on") }} as born_on,
        {{ linked(roles, "parent") }} as parent_names,
        {{ linked(roles, "parent_nik") }} as parent_nik,
        {{ linked(roles, "kecamatan") }} as kecamatan_name,
        {{ linked(roles, "desa") }} as desa_name,
        {{ linked(roles, "bps_desa") }} as bps_code,
        {{ period_end("_period") }} as as_of,
        _received_at as received_at,
        _delivery_id as delivery_id,
        _row as delivery_row
    from {{ source(feed.source_name, feed.name) }}
    where {{ is_believed() }}
{% else %}
    -- dbt is parsing
    select 1 as nothing
{% endfor %}
