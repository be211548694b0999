-- The one seam of record linkage: whatever joins an agency's child to a child does
-- it through this table, so another way of linking replaces this model only. Two rules:
-- the child's own NIK; else exactly the same name, birth date and sex together with the
-- desa, a parent or the family card. What fits two children is not linked.
with
    identities as (select * from {{ ref("int_child_identities") }}),

    claims as (select * from {{ ref("int_child_nik_claims") }} where is_holder),

    by_nik as (
        select identities.*, md5('nik|' || identities.nik) as child_id
        from identities
        inner join claims using (agency, identity_key)
    ),

    -- a NIK that is another child's is as good as none
    without_nik as (
        select identities.*
        from identities
        left join
            claims
            on identities.agency = claims.agency
            and identities.identity_key = claims.identity_key
        where claims.identity_key is null
    ),

    candidates as (
        select distinct without_nik.agency, without_nik.identity_key, by_nik.child_id
        from without_nik
        inner join
            by_nik
            on without_nik.name_key = by_nik.name_key
            and without_nik.born_on = by_nik.born_on
            and without_nik.sex = by_nik.sex
            and (
                without_nik.desa_code = by_nik.desa_code
                or without_nik.no_kk = by_nik.no_kk
                or without_nik.parent_key
                in (by_nik.parent_key, by_nik.other_parent_key)
                or without_nik.other_parent_key
                in (by_nik.parent_key, by_nik.other_parent_key)
            )
    ),

    by_name as (
        select agency, identity_key, min(child_id) as child_id
        from candidates
        group by agency, identity_key
        having count(*) = 1
    ),

    linked as (
        select agency, identity_key, child_id, 'nik' as rule
        from by_nik
        union all
        select
            without_nik.agency,
            without_nik.identity_key,
            coalesce(
                by_name.child_id,
                -- without a desa the name says too little: such a row is a child of its
                -- own
                case
                    when without_nik.name_key is null or without_nik.desa_code is null
                    then md5('row|' || without_nik.agency || without_nik.identity_key)
                    else
                        md5(
                            concat_ws(
                                '|',
                                'name',
                                without_nik.name_key,
                                without_nik.born_on,
                                without_nik.sex,
                                without_nik.desa_code
                            )
                        )
                end
            ) as child_id,
            case when by_name.child_id is null then 'unlinked' else 'name' end as rule
        from without_nik
        left join by_name using (agency, identity_key)
    )

select *
from linked
