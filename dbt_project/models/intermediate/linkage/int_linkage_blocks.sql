-- Under which keys a record looks for its like. A block is all records with one key;
-- only records of one block are compared.
{% set keys = {
    "nik": ["nik"],
    "card": ["no_kk", "sex"],
    "birth in desa": ["born_on", "desa_code", "sex"],
    "birth and name": ["born_on", "sex", "first_key"],
    "birth and parent": ["born_on", "parent_1"],
    "birth and other parent": ["born_on", "parent_2"],
    "name and parent": ["name_key", "parent_1"],
    "name and other parent": ["name_key", "parent_2"],
    "name in desa": ["name_key", "desa_code", "sex"],
} %}
with
    records as (select * from {{ ref("int_linkage_records") }}),

    keyed as (
        {% for kind, columns in keys.items() %}
            {%- if not loop.first %}
                union all
            {%- endif %}
            select
                record_id,
                '{{ kind.replace("other ", "") }}' as kind,
                concat_ws('|', {{ columns | join(", ") }}) as block
            from records
            where
                {{ columns | join(" is not null and ") }} is not null
                {% if "other" in kind %}
                    and parent_2 is distinct from parent_1
                {% endif %}
        {% endfor %}
    )

select
    *,
    count(*) over (partition by kind, block) as members,
    count(*) over (partition by kind, block)
    > {{ linkage_threshold("max_block") }} as is_capped
from keyed
