-- Every kecamatan, and every desa in it, that an agency wrote. The contracts say which
-- columns hold them (link: kecamatan, link: desa), so a new agency is here by its own.
{% for feed in feeds_with("kecamatan") %}
    {%- set roles = linked_columns(feed) -%}
    {%- if not loop.first %}
        union
    {%- endif %}
    select
        {{ linked(roles, "kecamatan") }} as kecamatan_name,
        {{ linked(roles, "desa") }} as desa_name
    from {{ source(feed.source_name, feed.name) }}
    where {{ is_believed() }} and {{ linked(roles, "kecamatan") }} is not null
{% else %}
    -- dbt is parsing
    select 1 as nothing
{% endfor %}
