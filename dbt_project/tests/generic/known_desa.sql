{% test known_desa(model, column_name, kecamatan) %}
    with
        kecamatan as (select * from {{ ref("ref_kecamatan") }}),

        spellings as (
            select kecamatan_code, desa_name as written
            from {{ ref("ref_desa") }}
            union all
            select kecamatan_code, alias
            from {{ ref("ref_desa_aliases") }}
        ),

        known as (
            select
                {{ place_key("kecamatan.kecamatan_name") }} as kecamatan_key,
                {{ place_key("spellings.written") }} as desa_key
            from spellings
            inner join kecamatan using (kecamatan_code)
        )

    select *
    from {{ model }} as told
    where
        told.{{ column_name }} is not null
        and told.{{ kecamatan }} is not null
        and not exists (
            select 1
            from known
            where
                known.kecamatan_key = {{ place_key("told." ~ kecamatan) }}
                and known.desa_key = {{ place_key("told." ~ column_name) }}
        )
{% endtest %}
