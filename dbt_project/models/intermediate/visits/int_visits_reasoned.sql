-- Whom to visit, why and with what: the rule of lowest priority leads, and says
-- category, action and agency. The reasons are those of the rules that hold, in that
-- order, then those of the risk score; three at most.
with
    children as (select * from {{ ref("int_children_listed") }}),

    signs as (select * from {{ ref("int_signs_found") }}),

    rules as (select * from {{ ref("ref_visit_rules") }}),

    factors as (select * from {{ ref("int_child_risk_factors") }}),

    scores as (select * from {{ ref("int_risk_profile_scores") }}),

    held as (
        select
            children.child_id,
            children.month,
            rules.priority,
            replace(
                rules.reason_indonesian,
                '{bulan}',
                coalesce(cast(signs.months as string), '')
            ) as reason
        from children
        inner join signs on children.child_id = signs.subject_id
        inner join
            rules
            on signs.sign = rules.sign
            and children.age_months
            between rules.min_age_months and rules.max_age_months
    ),

    foremost as (
        select child_id, month, min(priority) as priority
        from held
        group by child_id, month
    ),

    scored as (
        select
            foremost.child_id,
            foremost.priority,
            scores.risk_points,
            scores.risk_band,
            scores.completeness,
            scores.acting_agencies,
            scores.reason_1,
            scores.reason_2,
            scores.reason_3
        from foremost
        inner join
            factors
            on foremost.child_id = factors.child_id
            and foremost.month = factors.month
        inner join scores on factors.risk_profile = scores.risk_profile
    ),

    told as (
        select child_id, priority as place, reason
        from held
        union all
        select child_id, 101, reason_1
        from scored
        union all
        select child_id, 102, reason_2
        from scored
        union all
        select child_id, 103, reason_3
        from scored
    ),

    ranked as (
        select
            child_id,
            row_number() over in_order as reason_no,
            reason as first_reason,
            lead(reason, 1) over in_order as second_reason,
            lead(reason, 2) over in_order as third_reason
        from told
        where reason is not null
        window in_order as (partition by child_id order by place nulls last)
    ),

    reasoned as (
        select
            child_id,
            concat_ws('; ', first_reason, second_reason, third_reason) as reasons
        from ranked
        where reason_no = 1
    ),

    joined as (
        select
            scored.child_id,
            rules.category,
            rules.priority,
            reasoned.reasons,
            rules.action_indonesian as action,
            rules.agency,
            scored.acting_agencies,
            scored.risk_points,
            scored.risk_band,
            scored.completeness
        from scored
        inner join rules on scored.priority = rules.priority
        left join reasoned on scored.child_id = reasoned.child_id
    )

select *
from joined
