-- In which desa each agency last placed a family card.
{% set feeds = [] %}
{% if execute %}
    {% for feed in (graph.get("sources") or {}).values() %}
        {% set roles = linked_columns(feed) %}
        {% if roles.no_kk and roles.bps_desa %} {% do feeds.append(feed) %} {% endif %}
    {% endfor %}
{% endif %}
with
    desa as (select * from {{ ref("ref_desa") }}),

    told as (
        {% for feed in feeds %}
            {%- set roles = linked_columns(feed) -%}
            {%- if not loop.first %}
                union all
            {%- endif %}
            select
                '{{ feed.source_name }}' as agency,
                {{ linked(roles, "no_kk") }} as no_kk,
                {{ linked(roles, "bps_desa") }} as bps_code,
                {{ period_end("_period") }} as as_of
            from {{ source(feed.source_name, feed.name) }}
            where {{ is_believed() }}
        {% else %}
            select
                cast(null as string) as agency,
                cast(null as string) as no_kk,
                cast(null as string) as bps_code,
                cast(null as date) as as_of
        {% endfor %}
    ),

    placed as (
        select
            told.agency,
            told.no_kk,
            max_by(desa.desa_code, (told.as_of, desa.desa_code)) as desa_code
        from told
        inner join desa using (bps_code)
        where told.no_kk is not null
        group by told.agency, told.no_kk
    )

select *
from placed
