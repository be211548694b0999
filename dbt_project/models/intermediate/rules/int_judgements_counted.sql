with
    judgements as (select * from {{ ref("stg_audit__judgements") }}),

    -- of a removed file only its record is left
    deliveries as (
        select *, {{ month_of("period_end_on") }} as month
        from {{ ref("stg_audit__deliveries") }}
        where status in ('loaded', 'held')
    ),

    judged as (
        select
            judgements.agency,
            judgements.dataset,
            judgements.judgement,
            judgements.reason,
            judgements.effect,
            judgements.found,
            deliveries.month,
            deliveries.period_end_on,
            row_number() over (
                partition by
                    judgements.agency,
                    judgements.dataset,
                    judgements.judgement,
                    deliveries.month
                order by
                    case when judgements.found is null then 1 else 0 end,
                    deliveries.received_at desc,
                    deliveries.delivery_id desc
            ) as turn
        from judgements
        inner join deliveries on judgements.delivery_id = deliveries.delivery_id
    )

select
    agency,
    dataset,
    month,
    judgement,
    reason,
    effect,
    count(*) as deliveries,
    count(found) as deliveries_failed,
    max(case when turn = 1 then found end) as newest_found,
    max(period_end_on) as source_as_of
from judged
group by agency, dataset, month, judgement, reason, effect
