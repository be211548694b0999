-- Each way an agency writes a child under six. Where a feed names no parents, they are
-- the youngest woman and man on the child's card who are at least 15 years older; where
-- it names no desa, it is the card's.
with
    persons as (select * from {{ ref("int_persons") }}),

    adults as (select * from {{ ref("int_card_adults") }}),

    cards as (select * from {{ ref("int_card_desa") }}),

    desa_names as (select * from {{ ref("int_desa_names") }}),

    written as (
        select
            agency,
            authority,
            is_one_row_each,
            identity_key,
            any_value(nik) as nik,
            any_value(no_kk) as no_kk,
            any_value(person_name) as child_name,
            any_value(sex) as sex,
            any_value(born_on) as born_on,
            any_value(parent_names) as parent_names,
            any_value(parent_nik) as parent_nik,
            any_value(kecamatan_name) as kecamatan_name,
            any_value(desa_name) as desa_name,
            min(as_of) as first_as_of,
            max(as_of) as last_as_of,
            min(received_at) as first_received_at
        from persons
        where born_on <= as_of and {{ dbt.datediff("born_on", "as_of", "month") }} <= 72
        group by agency, authority, is_one_row_each, identity_key
    ),

    card_parents as (
        select
            written.agency,
            written.identity_key,
            concat_ws(
                '/',
                max_by(adults.person_name, adults.born_on) filter (
                    where adults.sex = 'P'
                ),
                max_by(adults.person_name, adults.born_on) filter (
                    where adults.sex = 'L'
                )
            ) as parent_names
        from written
        inner join
            adults
            on written.agency = adults.agency
            and written.no_kk = adults.no_kk
            and year(written.born_on) - year(adults.born_on) >= 15
        where written.parent_names is null
        group by written.agency, written.identity_key
    ),

    placed as (
        select
            written.agency,
            written.authority,
            written.is_one_row_each,
            written.identity_key,
            written.nik,
            written.no_kk,
            written.child_name,
            written.sex,
            written.born_on,
            coalesce(written.parent_names, card_parents.parent_names) as parent_names,
            written.parent_nik,
            coalesce(desa_names.desa_code, cards.desa_code) as desa_code,
            written.first_as_of,
            written.last_as_of,
            written.first_received_at
        from written
        left join card_parents using (agency, identity_key)
        left join desa_names using (kecamatan_name, desa_name)
        left join cards on written.agency = cards.agency and written.no_kk = cards.no_kk
    )

select *
from placed
