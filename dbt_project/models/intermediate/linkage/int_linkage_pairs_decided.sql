-- What becomes of each pair. The registrar's word goes before any score.
with
    pairs as (select * from {{ ref("int_linkage_pairs") }}),

    members as (select * from {{ ref("int_linkage_members") }}),

    decisions as (select * from {{ ref("stg_disdukcapil__link_decisions") }}),

    judged as (
        select
            least(a.record_id, b.record_id) as record_l,
            greatest(a.record_id, b.record_id) as record_r,
            max_by(
                decisions.decision,
                concat_ws(
                    '|',
                    decisions.judged_on,
                    decisions.received_at,
                    lpad(cast(decisions.delivery_row as string), 9, '0')
                )
            ) as decision,
            max(
                case when a.record_id < b.record_id then a.agency else b.agency end
            ) as agency_l,
            max(
                case when a.record_id < b.record_id then b.agency else a.agency end
            ) as agency_r
        from decisions
        inner join
            members as a
            on decisions.agency_a = a.agency
            and decisions.identity_a = a.identity_key
        inner join
            members as b
            on decisions.agency_b = b.agency
            and decisions.identity_b = b.identity_key
        where a.record_id <> b.record_id
        group by 1, 2
    )

select
    coalesce(pairs.record_l, judged.record_l) as record_l,
    coalesce(pairs.record_r, judged.record_r) as record_r,
    coalesce(pairs.agency_l, judged.agency_l) as agency_l,
    coalesce(pairs.agency_r, judged.agency_r) as agency_r,
    coalesce(pairs.points, 0) as points,
    coalesce(pairs.is_guarded, false) as is_guarded,
    judged.decision is not null as is_judged,
    case
        when judged.decision = 'same'
        then 'link'
        when judged.decision = 'different'
        then 'apart'
        when pairs.is_guarded
        then 'apart'
        when pairs.points >= {{ linkage_threshold("link") }} and not pairs.is_doubtful
        then 'link'
        else 'review'
    end as decision
from pairs
full outer join judged using (record_l, record_r)
