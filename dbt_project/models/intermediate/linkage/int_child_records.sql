-- Each way an agency writes a child under six. Where a feed names no parents, they are
-- the youngest woman and man on the child's card who are at least 15 years older; where
-- it names no desa, it is the card's. Of one adult written in several ways the last
-- counts.
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
            nik,
            no_kk,
            person_name as child_name,
            sex,
            born_on,
            parent_names,
            parent_nik,
            kecamatan_name,
            desa_name,
            min(as_of) as first_as_of,
            max(as_of) as last_as_of,
            min(received_at) as first_received_at
        from persons
        where born_on <= as_of and {{ dbt.datediff("born_on", "as_of", "month") }} <= 72
        -- the key alone says which; all it is made of is grouped by, because DuckDB
        -- spills keys to the disk but no text inside an aggregate
        group by all
    ),

    card_parents as (
        select
            written.agency,
            written.identity_key,
            concat_ws(
                '/',
                max_by(
                    adults.person_name,
                    (adults.born_on, adults.last_as_of, adults.person_name)
                ) filter (where adults.sex = 'P'),
                max_by(
                    adults.person_name,
                    (adults.born_on, adults.last_as_of, adults.person_name)
                ) filter (where adults.sex = 'L')
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
