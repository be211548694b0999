-- What the contracts say of linkage: `config.meta.link` on a column gives its role.
-- No agency is named here.
-- The columns of a source by role: {role: [column, ...]}.
{% macro linked_columns(feed) %}
    {% set roles = {} %}
    {% for column in feed.columns.values() %}
        {% set role = column.config.meta.link %}
        {% if role %}
            {% do roles.setdefault(role, []).append(column.name) %}
        {% endif %}
    {% endfor %}
    {{ return(roles) }}
{% endmacro %}

-- The sources with a column of this role, in order of name. Empty while dbt only
-- parses: the contracts are known when it runs.
{% macro feeds_with(role) %}
    {% set feeds = [] %}
    {% if execute %}
        {% for feed in (graph.get("sources") or {}).values() if role in linked_columns(feed) %}
            {% do feeds.append(feed) %}
        {% endfor %}
    {% endif %}
    {{ return(feeds | sort(attribute="unique_id")) }}
{% endmacro %}

-- The sources that name persons with birth date and sex, in order of authority.
{% macro person_feeds() %}
    {% set feeds = [] %}
    {% if execute %}
        {% for feed in (graph.get("sources") or {}).values() if feed.config.meta.persons %}
            {% do feeds.append(feed) %}
        {% endfor %}
    {% endif %}
    {{ return(feeds | sort(attribute="config.meta.persons.authority")) }}
{% endmacro %}

-- The name of a feed of persons in linkage: its agency's, or with the dataset's behind
-- it where the agency has a feed that is believed before it. Two lists of one agency
-- are two registers: a child on both is matched, not a duplicate inside one.
{% macro register_name(agency, dataset) %}
    {% set feeds = (
        person_feeds() | selectattr("source_name", "equalto", agency) | list
    ) %}
    {{
        return(
            agency
            if not feeds or feeds[0].name == dataset
            else agency ~ "_" ~ dataset
        )
    }}
{% endmacro %}

-- The key of a way of writing a person: all that a feed's contract links by.
{% macro identity_key(agency, dataset) %}
    {% set columns = ["null"] %}
    {% for feed in person_feeds() if feed.source_name == agency and feed.name == dataset %}
        {% set columns = linked_columns(feed).values() | sum(start=[]) %}
        {{ content_key(columns) }}
    {% else %} md5('')
    {% endfor %}
{% endmacro %}

-- The column of a role, null where the feed has none; parents share one text.
{% macro linked(roles, role, type="string") -%}
    {%- set columns = roles.get(role, []) -%}
    {%- if not columns -%} cast(null as {{ type }})
    {%- elif columns | length == 1 -%} {{ columns[0] }}
    {%- else -%} nullif(concat_ws('/', {{ columns | join(", ") }}), '')
    {%- endif -%}
{%- endmacro %}
