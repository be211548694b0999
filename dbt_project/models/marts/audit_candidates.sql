-- Whom the audit of stunting cases (AKS) should look at: the severe, and those whom the
-- usual care did not help. Signs and groups are seeds (ref_signs, ref_audit_rules). The
-- team takes as many as it can hear, from the first of each kecamatan and group on.
with
    children as (select * from {{ ref("int_children_listed") }}),

    adults as (select * from {{ ref("int_adults_listed") }}),

    signs as (select * from {{ ref("int_signs_found") }}),

    rules as (select * from {{ ref("ref_audit_rules") }}),

    visits as (select * from {{ ref("int_visits_reasoned") }}),

    desa as (select desa_code, kecamatan_code from {{ ref("ref_desa") }}),

    dated as (select * from {{ ref("int_months_dated") }}),

    subjects as (
        select
            children.child_id as candidate_id,
            case
                when children.age_months < 24 then 'baduta' else 'balita'
            end as target_group,
            children.desa_code,
            children.puskesmas_code,
            children.age_months,
            null as age_years,
            children.haz,
            children.waz,
            children.whz,
            children.month as known_month,
            dated.oldest_input_as_of
        from children
        inner join dated on children.month = dated.month
        union all
        select
            subject_id,
            target_group,
            desa_code,
            puskesmas_code,
            null,
            cast(floor(age_years) as integer),
            null,
            null,
            null,
            {{ month_of("as_of") }},
            as_of
        from adults
    ),

    selected as (
        select
            subjects.candidate_id,
            cast(count(*) as integer) as signs_found,
            min(rules.priority) as priority,
            {{ joined("rules.reason_indonesian", "; ", "rules.priority") }} as reasons
        from subjects
        inner join signs on subjects.candidate_id = signs.subject_id
        inner join
            rules
            on signs.sign = rules.sign
            and subjects.target_group = rules.target_group
        group by subjects.candidate_id
    ),

    placed as (
        select
            subjects.candidate_id,
            subjects.target_group,
            subjects.desa_code,
            coalesce(desa.kecamatan_code, 'unknown') as kecamatan_code,
            subjects.puskesmas_code,
            subjects.age_months,
            subjects.age_years,
            subjects.haz,
            selected.signs_found,
            selected.reasons,
            selected.priority,
            visits.risk_points,
            subjects.known_month,
            {{ height_for_age_class("subjects.haz") }} as last_height_for_age_class,
            {{ weight_for_age_class("subjects.waz") }} as last_weight_for_age_class,
            {{ weight_for_height_class("subjects.whz") }}
            as last_weight_for_height_class,
            subjects.oldest_input_as_of
        from subjects
        inner join selected on subjects.candidate_id = selected.candidate_id
        left join visits on subjects.candidate_id = visits.child_id
        left join desa on subjects.desa_code = desa.desa_code
    ),

    ranked as (
        select
            * {{ without("priority, haz") }},
            cast(
                row_number() over (
                    partition by kecamatan_code, target_group
                    order by
                        signs_found desc,
                        priority,
                        risk_points desc nulls last,
                        haz nulls last,
                        age_months nulls last,
                        candidate_id nulls last
                ) as integer
            ) as candidate_rank
        from placed
    )

select *
from ranked
