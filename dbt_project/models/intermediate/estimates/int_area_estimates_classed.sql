-- A class of severity (de Onis et al. 2018) is given only where the whole interval lies
-- in it; else the words name the classes that cannot be told apart. Where too few
-- children were measured there is no verdict, where none were no figure.
with
    heights as (select * from {{ ref("int_area_heights") }}),

    estimates as (select * from {{ ref("int_area_estimates") }}),

    classes as (select * from {{ ref("ref_severity_classes") }}),

    figures as (
        select
            heights.*,
            100e0 * stunted / nullif(height_valid, 0) as stunted_pct,
            case when height_valid > 0 then estimate_pct end as estimate_pct,
            case when height_valid > 0 then low_pct end as low_pct,
            case when height_valid > 0 then high_pct end as high_pct,
            case when height_valid > 0 then own_weight else 0 end as own_weight,
            height_valid >= {{ estimate_rule("min_heights") }} as is_measured_enough
        from heights
        left join estimates using (area_level, area_code, month)
    ),

    classed as (
        select
            figures.*,
            low_class.severity as low_severity,
            low_class.severity_indonesian as low_words,
            high_class.severity as high_severity,
            high_class.severity_indonesian as high_words,
            high_class.lower_pct = low_class.upper_pct as are_neighbours
        from figures
        left join
            classes as low_class
            on figures.low_pct >= low_class.lower_pct
            and figures.low_pct < low_class.upper_pct
        left join
            classes as high_class
            on figures.high_pct >= high_class.lower_pct
            and figures.high_pct < high_class.upper_pct
    ),

    worded as (
        select
            area_level,
            area_code,
            parent_code,
            month,
            height_valid,
            stunted,
            stunted_pct,
            estimate_pct,
            low_pct,
            high_pct,
            own_weight,
            is_measured_enough,
            case
                when is_measured_enough and low_severity = high_severity
                then low_severity
            end as severity,
            case
                when not is_measured_enough
                then 'terlalu sedikit diukur'
                when low_severity = high_severity
                then low_words
                when are_neighbours
                then 'tidak dapat dibedakan: ' || low_words || ' atau ' || high_words
                else 'tidak dapat dibedakan: ' || low_words || ' sampai ' || high_words
            end as severity_indonesian
        from classed
    )

select *
from worded
