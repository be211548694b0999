-- Each woman on a family card with each man beside her, names in one spelling; one of
-- them is her husband, or nobody is.
with
    adults as (select * from {{ ref("int_card_adults") }}),

    cards as (select * from {{ ref("int_card_desa") }}),

    -- each name once: most are written many times
    written as (select distinct person_name from adults),

    names as (
        select person_name, {{ name_key("person_name") }} as name_key from written
    ),

    grown_ups as (
        select
            adults.no_kk,
            adults.nik,
            adults.sex,
            adults.born_on,
            adults.last_as_of,
            cards.desa_code,
            names.name_key
        from adults
        inner join cards using (agency, no_kk)
        left join names on adults.person_name = names.person_name
    ),

    couples as (
        select
            woman.no_kk,
            woman.nik,
            woman.born_on,
            woman.last_as_of,
            woman.desa_code,
            woman.name_key as woman,
            man.name_key as man
        from grown_ups as woman
        left join grown_ups as man on woman.no_kk = man.no_kk and man.sex = 'L'
        where woman.sex = 'P'
    )

select *
from couples
