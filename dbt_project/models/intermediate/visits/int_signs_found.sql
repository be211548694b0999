-- A sign holds when all its conditions hold (ref_signs): the measure is known, is not
-- older than allowed, is not below at_least and is below below.
with
    children as (select * from {{ ref("int_child_signs_measured") }}),

    adults as (select * from {{ ref("int_adult_signs_measured") }}),

    conditions as (
        select *, count(*) over (partition by sign) as conditions
        from {{ ref("ref_signs") }}
    ),

    measured as (
        select child_id as subject_id, measure, value, months_old
        from children
        union all
        select subject_id, measure, value, months_old
        from adults
    ),

    met as (
        select
            measured.subject_id,
            conditions.sign,
            max(conditions.conditions) as conditions,
            count(*) as conditions_met,
            cast(
                max(measured.value) filter (
                    where conditions.measure like 'months_%'
                ) as integer
            ) as months
        from measured
        inner join
            conditions
            on measured.measure = conditions.measure
            and measured.value >= coalesce(conditions.at_least, measured.value)
            and (conditions.below is null or measured.value < conditions.below)
            and measured.months_old
            <= coalesce(conditions.max_months_old, measured.months_old)
        group by measured.subject_id, conditions.sign
    ),

    found as (
        select subject_id, sign, months from met where conditions_met = conditions
    )

select *
from found
