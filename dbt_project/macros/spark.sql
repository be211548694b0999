-- fmt: off
-- What dbt-spark leaves open or does for other table formats.
-- A type as Spark calls it.
{% macro spark_type(type) -%}
    {{- "string" if type | lower == "varchar" else type -}}
{%- endmacro %}

-- A contract's columns, each cast to its type: Spark has a decimal where DuckDB has a
-- double. A column that is missing is an error.
{% macro spark__get_select_subquery(sql) %}
    select
        {% for column in model.columns.values() %}
            cast({{ column.name }} as {{ spark_type(column.data_type) }})
            as {{ column.name }}
            {{- "," if not loop.last }}
        {% endfor %}
    from ({{ sql }}) as built
{% endmacro %}

{% macro spark__get_assert_columns_equivalent(sql) -%} {%- endmacro %}

-- A seed is read by Spark itself: dbt-spark sends it as literals, which a quote breaks.
{% macro spark__create_csv_table(model, agate_table) %}
    {%- set types = model.config.get("column_types", {}) -%}
    {% call statement() %}
        create or replace temporary view seed_{{ model.name }} (
            {% for name in agate_table.column_names %}
                {{ adapter.quote(name) }}
                {{ spark_type(types.get(name, adapter.convert_type(agate_table, loop.index0))) }}
                {{- "," if not loop.last }}
            {% endfor %}
        )
        using csv
        options (
            path '{{ model.root_path }}/{{ model.original_file_path }}',
            header 'true',
            escape '"',
            emptyValue '',
            multiLine 'true',
            mode 'FAILFAST'
        )
    {% endcall %}
    {% set sql = "create table " ~ this ~ " as select * from seed_" ~ model.name %}
    {% call statement("_") %} {{ sql }} {% endcall %}
    {{ return(sql) }}
{% endmacro %}

{% macro spark__load_csv_rows(model, agate_table) %}
    {{ return("") }}
{% endmacro %}
