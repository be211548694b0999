-- Prevalence of stunting per area with what is known of it. A small area's own figure
-- swings by chance, so it borrows from its parent, the more the fewer children it has
-- measured: a beta-binomial model of two levels, with how much is borrowed estimated
-- from the same month and its uncertainty carried into the interval (Tak, Kelly &
-- Morris 2017, Journal of Statistical Software 78(5), doi 10.18637/jss.v078.i05). The
-- estimate is of the level behind the month's count, which is what next year's lokus
-- should go by; how many of the measured were stunted this month is stunted_pct.
-- The interval knows neither of children who were not measured nor of heights taken
-- badly; of those tells the mart reconciliation.
with
    areas as (select * from {{ ref("int_area_estimates_classed") }}),

    ranks as (select * from {{ ref("int_area_ranks") }}),

    kabupaten as (
        select month, stunted_pct as kabupaten_pct, oldest_input_as_of
        from {{ ref("stunting_by_kabupaten") }}
    ),

    desa as (select * from {{ ref("ref_desa") }}),

    kecamatan as (select * from {{ ref("ref_kecamatan") }}),

    puskesmas as (select * from {{ ref("ref_puskesmas") }}),

    named as (
        select
            areas.*,
            coalesce(desa.desa_name, puskesmas.puskesmas_name) as name,
            coalesce(
                desa.kecamatan_code, puskesmas.kecamatan_code, areas.area_code
            ) as kecamatan_code
        from areas
        left join desa on areas.area_level = 'desa' and areas.area_code = desa.desa_code
        left join
            puskesmas
            on areas.area_level = 'puskesmas'
            and areas.area_code = puskesmas.puskesmas_code
    ),

    compared as (
        select
            named.area_level,
            named.area_code,
            coalesce(named.name, kecamatan.kecamatan_name) as area_name,
            named.kecamatan_code,
            kecamatan.kecamatan_name,
            named.month,
            named.height_valid,
            named.stunted,
            named.stunted_pct,
            named.estimate_pct,
            named.low_pct,
            named.high_pct,
            named.own_weight,
            named.severity,
            named.severity_indonesian,
            ranks.rank_low,
            ranks.rank_high,
            ranks.areas_ranked,
            kabupaten.kabupaten_pct,
            case
                when not named.is_measured_enough
                then null
                when named.low_pct > kabupaten.kabupaten_pct
                then true
                when named.high_pct < kabupaten.kabupaten_pct
                then false
            end as is_above_kabupaten,
            kabupaten.oldest_input_as_of
        from named
        inner join kabupaten using (month)
        left join kecamatan using (kecamatan_code)
        left join ranks using (area_level, area_code, month)
    )

select *
from compared
