-- A criterion holds when the whole interval lies beyond its limit, fails when none of
-- it does, is undecided when the limit lies inside, and unknown without data.
with
    desa as (select * from {{ ref("int_desa_children_counted") }}),

    criteria as (select * from {{ ref("ref_priority_criteria") }}),

    gathered as (select * from {{ ref("int_desa_measures_gathered") }}),

    asked as (
        select
            desa.desa_code,
            desa.month,
            criteria.criterion,
            criteria.measure,
            gathered.value,
            gathered.low,
            gathered.high,
            gathered.as_of as source_as_of,
            criteria.at_least,
            criteria.below,
            criteria.weight,
            criteria.label_indonesian as label,
            criteria.reason_indonesian
        from desa
        cross join criteria
        left join
            gathered
            on desa.desa_code = gathered.desa_code
            and criteria.measure = gathered.measure
    ),

    answered as (
        select
            *,
            case
                when value is null
                then 'unknown'
                when low >= coalesce(at_least, low) and (below is null or high < below)
                then 'holds'
                when high < at_least or low >= below
                then 'fails'
                else 'undecided'
            end as state
        from asked
    ),

    told as (
        select
            desa_code,
            month,
            criterion,
            measure,
            label,
            value,
            low,
            high,
            at_least,
            below,
            state,
            weight,
            case
                when state = 'holds'
                then
                    replace(
                        reason_indonesian,
                        '{nilai}',
                        {{
                            number_indonesian(
                                "case when at_least is null then high else low end"
                            )
                        }}
                    )
            end as reason,
            source_as_of
        from answered
    )

select *
from told
