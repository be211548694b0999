-- data_quality_puskesmas one level down, by the same SQL: a posyandu is known by its
-- name inside its desa. A row of weighing counts for the posyandu and desa written in
-- it.
with
    coverage as (select * from {{ ref("int_area_posyandu_counted") }}),

    weighings as (select * from {{ ref("int_area_weighings_counted") }}),

    scores as (select * from {{ ref("int_area_scores_counted") }}),

    months as (select * from {{ ref("int_months_dated") }}),

    desa as (select desa_code, desa_name, kecamatan_code from {{ ref("ref_desa") }}),

    kecamatan as (select * from {{ ref("ref_kecamatan") }}),

    puskesmas_desa as (
        select desa_code, puskesmas_code from {{ ref("ref_puskesmas_desa") }}
    ),

    puskesmas as (select * from {{ ref("ref_puskesmas") }}),

    judged as (
        select
            desa_code,
            posyandu_name,
            month,
            coalesce(coverage.due, 0) as due,
            coalesce(coverage.measured, 0) as measured,
            100.0 * coverage.measured / nullif(coverage.due, 0) as coverage_pct,
            {{ quality_columns() }},
            months.oldest_input_as_of
        from coverage
        -- a posyandu whose children are all weighed elsewhere since has none due
        full outer join weighings using (desa_code, posyandu_name, month)
        left join scores using (desa_code, posyandu_name, month, puskesmas_code)
        -- a date typed into another year makes no month of its own
        inner join months using (month)
        group by all
    ),

    named as (
        select
            coalesce(kecamatan.kecamatan_name, 'tidak diketahui') as kecamatan_name,
            judged.desa_code,
            coalesce(desa.desa_name, 'tidak diketahui') as desa_name,
            coalesce(puskesmas.puskesmas_code, 'unknown') as puskesmas_code,
            coalesce(puskesmas.puskesmas_name, 'tidak diketahui') as puskesmas_name,
            judged.* {{ without("desa_code") }}
        from judged
        left join desa on judged.desa_code = desa.desa_code
        left join kecamatan on desa.kecamatan_code = kecamatan.kecamatan_code
        left join puskesmas_desa on judged.desa_code = puskesmas_desa.desa_code
        left join puskesmas on puskesmas_desa.puskesmas_code = puskesmas.puskesmas_code
    )

select *
from named
