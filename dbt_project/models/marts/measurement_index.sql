-- The index of anthropometric data quality for e-PPGBM (IKDA, Magelang): nine
-- indicators in four domains, each with a value, a score from 0 to 100 and whether it
-- passes. What the two abstracts leave open is ours (ref_quality_indicators); all
-- weigh the same. What cannot be said is null with its reason, and stays out of the
-- total.
with
    quality as (select * from {{ ref("data_quality_puskesmas") }}),

    indicators as (
        select indicator, sort_order, domain, name_indonesian, pass_score, is_verified
        from {{ ref("ref_quality_indicators") }}
    ),

    valued as (
        select
            quality.puskesmas_code,
            quality.puskesmas_name,
            quality.month,
            quality.oldest_input_as_of,
            indicators.*,
            case
                indicators.indicator
                when 'coverage'
                then coverage_pct
                when 'no_duplicates'
                then 100 - duplicates_pct
                when 'completeness'
                then 100 - greatest(height_missing_pct, weight_missing_pct)
                when 'weight_digits'
                then weight_digit_score
                when 'height_digits'
                then height_digit_score
                when 'waz_accuracy'
                then 100 - waz_flagged_pct
                when 'haz_accuracy'
                then 100 - haz_flagged_pct
                when 'whz_accuracy'
                then 100 - whz_flagged_pct
            end as value
        from quality
        cross join indicators
    ),

    scored as (
        select
            *,
            case
                when indicator in ('weight_digits', 'height_digits')
                then 100 - value
                else value
            end as score
        from valued
    ),

    judged as (
        select
            *,
            score >= pass_score as passes,
            case
                when indicator = 'external_consistency'
                then 'survei tidak punya angka per puskesmas'
                when value is null and indicator in ('weight_digits', 'height_digits')
                then 'terlalu sedikit hasil ukur'
                when value is null and indicator = 'coverage'
                then 'tidak ada sasaran'
                when value is null
                then 'tidak ada hasil ukur'
            end as reason
        from scored
    ),

    total as (
        select
            puskesmas_code,
            puskesmas_name,
            month,
            oldest_input_as_of,
            'total' as indicator,
            cast(count(*) + 1 as integer) as sort_order,
            'semua' as domain,
            'indeks kualitas data antropometri' as name_indonesian,
            cast(null as double) as pass_score,
            bool_and(is_verified) as is_verified,
            100.0 * count(*) filter (where passes) / nullif(count(value), 0) as value,
            round(avg(score), 1) as score,
            cast(null as boolean) as passes,
            count(value) || ' dari ' || count(*) || ' indikator diketahui' as reason
        from judged
        group by puskesmas_code, puskesmas_name, month, oldest_input_as_of
    ),

    united as (
        select *
        from judged
        union all
        select *
        from total
    )

select *
from united
