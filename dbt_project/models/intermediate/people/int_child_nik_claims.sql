-- A NIK counts only for its holder: same sex, and the same name but for a slip of the
-- pen. On another birth date the whole name must agree, not only the first: half the
-- boys are called Muhammad.
with
    identities as (
        select * from {{ ref("int_child_identities") }} where nik is not null
    ),

    niks as (select * from {{ ref("int_child_niks") }}),

    compared as (
        select
            identities.agency,
            identities.identity_key,
            identities.sex = niks.sex as is_same_sex,
            identities.born_on = niks.born_on as is_same_day,
            levenshtein(identities.name_key, niks.name_key) <= 2 as is_name_near,
            identities.first_name_key = niks.first_name_key
            or identities.is_unnamed
            or niks.is_unnamed as is_first_name_same,
            not niks.is_shared
            and (
                levenshtein(identities.first_name_key, niks.first_name_key) <= 2
                or starts_with(niks.first_name_key, identities.first_name_key)
                or starts_with(identities.first_name_key, niks.first_name_key)
            ) as is_first_name_near
        from identities
        inner join niks on identities.nik = niks.nik
    ),

    checked as (
        select
            agency,
            identity_key,
            coalesce(
                is_same_sex
                and (
                    (is_same_day and (is_first_name_same or is_first_name_near))
                    or (not is_same_day and is_name_near)
                ),
                false
            ) as is_holder
        from compared
    )

select *
from checked
