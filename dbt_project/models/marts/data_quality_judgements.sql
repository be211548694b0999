with
    judgements as (select * from {{ ref("int_judgements_counted") }}),

    described as (
        select
            -- ids
            agency,
            dataset,
            month,
            judgement,
            effect,

            -- counts
            deliveries,
            deliveries_failed,

            -- texts
            reason,
            newest_found,

            -- dates
            source_as_of
        from judgements
    )

select *
from described
