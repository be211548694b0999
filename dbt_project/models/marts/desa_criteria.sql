with
    judged as (select * from {{ ref("int_desa_criteria_judged") }}),

    described as (
        select
            desa_code,
            month,
            criterion,
            label,
            value,
            low,
            high,
            at_least,
            below,
            state,
            weight,
            reason,
            source_as_of
        from judged
    )

select *
from described
