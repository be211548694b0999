-- The road to the goal, register and survey side by side. They are two measures of one
-- thing and differ for reasons of their own (mart reconciliation): no row blends them,
-- and the goal is one of the survey.
with
    paths as (select * from {{ ref("int_stunting_paths") }}),

    kabupaten as (select * from {{ ref("ref_kabupaten") }}),

    kecamatan as (select * from {{ ref("ref_kecamatan") }}),

    named as (
        select
            paths.*,
            coalesce(kecamatan.kecamatan_name, kabupaten.kabupaten_name) as area_name,
            case
                when speed_high_points < 0
                then 'turun ' || {{ indonesian_number("-speed_points") }}
                when speed_low_points > 0
                then 'naik ' || {{ indonesian_number("speed_points") }}
                else
                    'arah belum jelas, antara '
                    || ({{ indonesian_change("speed_low_points") }})
                    || ' dan '
                    || ({{ indonesian_change("speed_high_points") }})
            end
            || ' poin per tahun' as speed_words,
            'perlu turun '
            || {{ indonesian_number("-needed_speed_points") }}
            || ' poin per tahun untuk mencapai '
            || {{ indonesian_number("target_pct") }}
            || ' % pada '
            || target_year as needed_words,
            case
                when chance_pct < 1
                then 'peluang di bawah 1 %'
                when chance_pct > 99
                then 'peluang di atas 99 %'
                else 'peluang ' || cast(round(chance_pct) as integer) || ' %'
            end as chance_words
        from paths
        left join kecamatan on paths.area_code = kecamatan.kecamatan_code
        left join kabupaten on paths.area_code = kabupaten.kabupaten_code
    ),

    worded as (
        select
            area_level,
            area_code,
            area_name,
            source,
            observed_on,
            figures,
            observed_pct,
            low_pct,
            high_pct,
            first_observed_on,
            first_pct,
            speed_points,
            speed_low_points,
            speed_high_points,
            goal_start_pct,
            target_pct,
            target_year,
            is_target_verified,
            needed_speed_points,
            chance_pct,
            case
                when source = 'survey' and area_level = 'kecamatan'
                then 'survei hanya sampai tingkat kabupaten, tidak ada angka kecamatan'
                when target_pct is null
                then 'belum ada target'
                when high_pct <= target_pct
                then 'target sudah tercapai'
                when observed_pct <= target_pct
                then 'angka sudah di bawah target, tetapi belum pasti'
                when years_left <= 0
                then 'tahun target sudah lewat'
                when chance_pct is null
                then
                    'baru '
                    || figures
                    || ' angka, peluang belum dapat dihitung; '
                    || needed_words
                else speed_words || '; ' || needed_words || '; ' || chance_words
            end as words_indonesian
        from named
    )

select *
from worded
