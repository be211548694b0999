-- Who stands behind the keys of visit_list and audit_candidates. A child is named as
-- the
-- register believed most names it, and found at the posyandu that weighed it last. Only
-- the audited command include/byname.py reads this.
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
            min_by(records.child_name, records.authority) filter (
                where records.child_name is not null
            ) as person_name,
            min_by(records.parent_names, records.authority) filter (
                where records.parent_names is not null
            ) as relatives,
            min_by(records.nik, records.authority) filter (
                where records.nik is not null
            ) as nik
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
            max_by(mother_name, as_of) filter (where mother_name is not null),
            max_by(husband_name, as_of) filter (where husband_name is not null),
            max_by(mother_nik, as_of) filter (where mother_nik is not null),
            'P',
            max_by(mother_born_on, as_of) filter (where mother_born_on is not null),
            null
        from pregnancies
        group by pregnancy_key
        union all
        select
            {{ content_key(["bride_name", "bride_born_on", "wedding_on"]) }}
            as subject_id,
            max_by(bride_name, as_of) filter (where bride_name is not null),
            null,
            max_by(bride_nik, as_of) filter (where bride_nik is not null),
            'P',
            max_by(bride_born_on, as_of) filter (where bride_born_on is not null),
            null
        from brides
        group by subject_id
    )

select *
from named
