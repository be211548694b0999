{% test known_kecamatan(model, column_name) %}
    select *
    from {{ model }} as told
    where
        told.{{ column_name }} is not null
        and not exists (
            select 1
            from {{ ref("ref_kecamatan") }} as known
            where
                {{ place_key("known.kecamatan_name") }}
                = {{ place_key("told." ~ column_name) }}
        )
{% endtest %}
