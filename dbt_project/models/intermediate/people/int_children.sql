-- Who the child is comes from the civil registry where it knows the child; where it
-- lives and its birth weight from the posyandu, which saw it last. A list that names a
-- child without having seen it does not bring back one who left.
with
    identities as (select * from {{ ref("int_child_identities") }}),

    links as (select * from {{ ref("int_child_links") }}),

    puskesmas_names as (select * from {{ ref("int_puskesmas_names") }}),

    puskesmas_desa as (select * from {{ ref("ref_puskesmas_desa") }}),

    told as (
        select
            identities.*,
            links.child_id,
            puskesmas_names.puskesmas_code,
            row_number() over (
                partition by links.child_id
                order by
                    identities.civil_precedence,
                    identities.last_seen_on desc nulls last,
                    identities.identity_key nulls last
            ) as civil_rank,
            row_number() over (
                partition by links.child_id
                order by
                    identities.health_precedence,
                    identities.last_seen_on desc nulls last,
                    identities.identity_key nulls last
            ) as health_rank
        from identities
        inner join links using (agency, identity_key)
        left join puskesmas_names using (puskesmas_name)
    ),

    grouped as (
        select
            child_id,
            min_by(sex, civil_rank) filter (where sex is not null) as sex,
            min_by(born_on, civil_rank) filter (where born_on is not null) as born_on,
            min_by(told_by, civil_rank) filter (
                where told_by is not null
            ) as born_on_agency,
            min_by(birth_weight_kg, health_rank) filter (
                where birth_weight_kg is not null
            ) as birth_weight_kg,
            min(birth_weight_month) as birth_weight_month,
            min_by(desa_code, health_rank) filter (
                where desa_code is not null
            ) as desa_code,
            min_by(puskesmas_code, health_rank) filter (
                where puskesmas_code is not null
            ) as puskesmas_code,
            max(left_on) as left_on,
            max(last_seen_on) filter (
                where left_on is null and agency <> 'disdukcapil'
            ) as last_seen_on
        from told
        group by child_id
    ),

    placed as (
        select
            grouped.child_id,
            grouped.sex,
            grouped.born_on,
            grouped.born_on_agency,
            -- outside the range that the contract only warns of it is a slip of the
            -- pen:
            -- the weighing stays good, the birth weight is unknown
            case
                when grouped.birth_weight_kg between 0.5 and 7
                then grouped.birth_weight_kg
            end as birth_weight_kg,
            grouped.birth_weight_month,
            grouped.desa_code,
            -- a child never weighed belongs to the puskesmas of its desa; known error
            -- that
            -- stays: which desa a puskesmas serves is assumed (ref_puskesmas_desa)
            coalesce(
                grouped.puskesmas_code, puskesmas_desa.puskesmas_code
            ) as puskesmas_code,
            -- weighed or listed elsewhere since: it did not leave
            case
                when grouped.left_on > coalesce(grouped.last_seen_on, date '1900-01-01')
                then grouped.left_on
            end as left_on
        from grouped
        left join puskesmas_desa on grouped.desa_code = puskesmas_desa.desa_code
    )

select *
from placed
