-- What quality is judged by, counted where it arises; nothing here is a share, so that
-- any area adds it up (macros/quality.sql).
with
    linked as (select * from {{ ref("int_measurements_linked") }}),

    -- WHO's month; to the nearest one, as 365 days are 11.99 of them
    aged as (
        select
            *,
            {{ month_of("measured_on") }} as month,
            case
                when age_days >= 0 and not is_same_day_duplicate
                then cast(floor(age_days / {{ days_per_month() }} + 0.5) as integer)
            end as nearest_months
        from linked
    ),

    counted as (
        select
            month,
            coalesce(puskesmas_code, 'unknown') as puskesmas_code,
            coalesce(posyandu_desa_code, 'unknown') as desa_code,
            coalesce(posyandu_name, 'unknown') as posyandu_name,
            count(*) as rows_accepted,
            count(*) filter (where is_same_day_duplicate) as same_day_duplicates,
            count(*) filter (where is_second_writing) as second_writings,
            count(*) filter (
                where is_same_day_duplicate or is_second_writing
            ) as duplicates,
            count(*) filter (where age_days < 0) as rows_before_birth,
            count(*) filter (where is_nik_missing) as nik_missing,
            count(*) filter (where is_nik_lost) as nik_lost,
            count(*) filter (where position is null) as position_unknown,
            count(position) as positions,
            -- lying from two years on, or standing before
            count(*) filter (
                where (position = 'lying') = (age_days >= 731)
            ) as position_unexpected,
            count(height_cm) as heights,
            count(*) filter (where height_cm is null) as heights_missing,
            -- a tenth of true heights end in .0
            count(*) filter (where height_cm = floor(height_cm)) as whole_cm,
            {{ digit_counts("height_cm", "height") }},
            count(weight_kg) as weights,
            count(*) filter (where weight_kg is null) as weights_missing,
            {{ digit_counts("weight_kg", "weight") }},
            -- a birth date made up from a spoken age puts the child at its birthday
            count(*) filter (
                where nearest_months in (12, 24, 36, 48)
            ) as ages_at_birthday,
            count(*) filter (
                where
                    nearest_months between 10 and 50 and (nearest_months + 2) % 12 <= 4
            ) as ages_near_birthday
        from aged
        group by 1, 2, 3, 4
    )

select *
from counted
