-- What the signs of ref_signs look at in pregnant women and brides, in long form, as of
-- their quarter. What is not known has no row.
with
    adults as (select * from {{ ref("int_adults_listed") }}),

    named as (
        select
            *, case target_group when 'bumil' then 'mother_' else 'bride_' end as prefix
        from adults
    ),

    measured as (
        select subject_id, prefix || 'muac_cm' as measure, muac_cm as value
        from named
        union all
        select subject_id, prefix || 'haemoglobin', haemoglobin
        from named
        union all
        select subject_id, prefix || 'age_years', age_years
        from named
        union all
        select subject_id, prefix || 'height_cm', mother_height_cm
        from named
        union all
        select
            subject_id,
            prefix || 'extra_food',
            case when is_given_extra_food then 1 when not is_given_extra_food then 0 end
        from named
    ),

    known as (
        select subject_id, measure, cast(value as double) as value, 0 as months_old
        from measured
        where value is not null
    )

select *
from known
