{{ config(materialized="view") }}
-- Each household of the first thousand days once in each area it belongs to.
{% set levels = {
    "desa": "desa_code",
    "puskesmas": "puskesmas_code",
    "kecamatan": "kecamatan_code",
} %}
with
    households as (select * from {{ ref("int_thousand_day_convergence") }}),

    kabupaten as (select * from {{ ref("ref_kabupaten") }}),

    placed as (
        {% for level, code in levels.items() %}
            select '{{ level }}' as area_level, {{ code }} as area_code, households.*
            from households
            union all
        {% endfor %}
        select
            'kabupaten' as area_level,
            kabupaten.kabupaten_code as area_code,
            households.*
        from households
        cross join kabupaten
    )

select *
from placed
