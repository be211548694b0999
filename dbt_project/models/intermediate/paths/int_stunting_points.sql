-- Every published figure of stunting with what is known of its error. The register has
-- one each month, for the kabupaten as counted and for a kecamatan as estimated
-- (area_estimates); a survey one a year, taken as of the middle of the year, and only
-- for the kabupaten. The two measure differently and are never blended.
with
    counted as (select * from {{ ref("int_area_months_counted") }}),

    estimates as (
        select *
        from {{ ref("int_area_estimates_classed") }}
        where area_level = 'kecamatan' and height_valid > 0
    ),

    surveys as (
        select * from {{ ref("stg_bappeda__surveys") }} where indicator_id = 'stunting'
    ),

    kabupaten as (select * from {{ ref("ref_kabupaten") }}),

    kecamatan as (select * from {{ ref("ref_kecamatan") }}),

    register as (
        select
            month,
            100.0 * sum(stunted) / sum(height_valid) as observed_pct,
            -- half a child more on either side, so that 0 of n has an error too
            100 * sqrt(
                (sum(stunted) + 0.5)
                * (sum(height_valid) - sum(stunted) + 0.5)
                / pow(sum(height_valid) + 1, 3)
            ) as error_points
        from counted
        group by month
        having sum(height_valid) > 0
    ),

    -- of two surveys in one year the larger, of two writings of one the later
    ranked as (
        select
            surveys.*,
            make_date(surveys.year, 7, 1) as observed_on,
            kabupaten.kabupaten_code,
            row_number() over (
                partition by surveys.year
                order by
                    surveys.sample desc nulls last,
                    surveys.survey nulls last,
                    surveys.received_at desc nulls last,
                    surveys.delivery_row desc nulls last
            ) as rank
        from surveys
        inner join
            kabupaten
            on lower(surveys.area) = lower('Kabupaten ' || kabupaten.kabupaten_name)
    ),

    points as (
        select
            'register' as source,
            'kabupaten' as area_level,
            kabupaten.kabupaten_code as area_code,
            register.month as observed_on,
            register.observed_pct,
            greatest(observed_pct - 1.96 * error_points, 0) as low_pct,
            least(observed_pct + 1.96 * error_points, 100) as high_pct,
            register.error_points
        from register
        cross join kabupaten
        union all
        select
            'register',
            'kecamatan',
            area_code,
            month,
            estimate_pct,
            low_pct,
            high_pct,
            (high_pct - low_pct) / 3.92
        from estimates
        union all
        select
            'survey',
            'kabupaten',
            kabupaten_code,
            observed_on,
            estimate_pct,
            low_pct,
            high_pct,
            (high_pct - low_pct) / 3.92
        from ranked
        where rank = 1
        union all
        select
            'survey', 'kecamatan', kecamatan_code, observed_on, null, null, null, null
        from ranked
        cross join kecamatan
        where rank = 1
    )

select *
from points
