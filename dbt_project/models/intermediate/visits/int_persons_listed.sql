-- Who stands behind the keys of visit_list and audit_candidates. A child is named as
-- the
-- register believed most names it, and found at the posyandu that weighed it last. Only
-- the audited command include/byname.py reads this.
{% set believed = "-records.authority, records.last_as_of, records.identity_key" %}

with
    children as (select * from {{ ref("int_children_listed") }}),

    links as (select * from {{ ref("int_child_links") }}),

    records as (select * from {{ ref("int_child_records") }}),

    identities as (select * from {{ ref("int_children") }}),

    posyandu as (select * from {{ ref("int_child_posyandu") }}),

    pregnancies as (select * from {{ ref("stg_dinkes__pregnancies") }}),

    brides as (select * from {{ ref("stg_dkbp3a__brides") }}),

    written as (
        select
            links.child_id,
            {{ told_last("records.child_name", believed) }} as person_name,
            {{ told_last("records.parent_names", believed) }} as relatives,
            {{ told_last("records.nik", believed) }} as nik
        from records
        inner join links using (agency, identity_key)
        group by links.child_id
    ),

    named as (
        select
            children.child_id as subject_id,
            written.person_name,
            written.relatives,
            written.nik,
            identities.sex,
            identities.born_on,
            posyandu.posyandu_name
        from children
        left join written on children.child_id = written.child_id
        left join identities on children.child_id = identities.child_id
        left join posyandu on children.child_id = posyandu.child_id
        union all
        select
            pregnancy_key,
            {{ told_last("mother_name", "as_of") }},
            {{ told_last("husband_name", "as_of") }},
            {{ told_last("mother_nik", "as_of") }},
            'P',
            {{ told_last("mother_born_on", "as_of") }},
            null
        from pregnancies
        group by pregnancy_key
        union all
        select
            {{ content_key(["bride_name", "bride_born_on", "wedding_on"]) }}
            as subject_id,
            {{ told_last("bride_name", "as_of") }},
            null,
            {{ told_last("bride_nik", "as_of") }},
            'P',
            {{ told_last("bride_born_on", "as_of") }},
            null
        from brides
        group by subject_id
    )

select *
from named
