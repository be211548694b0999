{{ config(materialized="view") }}
-- Each household of the first thousand days once in each area it belongs to.
with
    households as (select * from {{ ref("int_thousand_day_convergence") }}),

    kabupaten as (select * from {{ ref("ref_kabupaten") }}),

    placed as (
        {% for level in ("desa", "puskesmas", "kecamatan") %}
            select
                '{{ level }}' as area_level,
                households.{{ level }}_code as area_code,
                coalesce(area.{{ level }}_name, 'tidak diketahui') as area_name,
                households.*
            from households
            left join
                {{ ref("ref_" ~ level) }} as area
                on households.{{ level }}_code = area.{{ level }}_code
            union all
        {% endfor %}
        select
            'kabupaten' as area_level,
            kabupaten.kabupaten_code as area_code,
            kabupaten.kabupaten_name as area_name,
            households.*
        from households
        cross join kabupaten
    )

select *
from placed
