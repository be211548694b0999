-- When a woman was born: as her own feed says, else as the register says of the woman
-- of her NIK or, by one date alone, of a name like hers on her card.
with
    seeking as (select * from {{ ref("int_women_seeking_cards") }}),

    cards as (select * from {{ ref("int_woman_cards") }} where no_kk is not null),

    couples as (select * from {{ ref("int_card_couples") }}),

    women as (
        select distinct
            seeking.writing_key,
            seeking.nik,
            seeking.born_on,
            cards.no_kk,
            {{ name_key("seeking.woman_name") }} as woman
        from seeking
        left join cards using (writing_key)
    ),

    found as (
        select
            women.writing_key,
            min(couples.born_on) filter (where women.nik = couples.nik) as by_nik,
            min(couples.born_on) as first_born_on,
            max(couples.born_on) as last_born_on
        from women
        inner join
            couples
            on women.no_kk = couples.no_kk
            and (
                women.nik = couples.nik
                or {{ is_like_name("women.woman", "couples.woman", 25) }}
            )
        where women.born_on is null
        group by women.writing_key
    ),

    dated as (
        select
            women.writing_key,
            case
                when women.born_on is not null
                then women.born_on
                when found.by_nik is not null
                then found.by_nik
                when found.first_born_on = found.last_born_on
                then found.first_born_on
            end as born_on
        from women
        left join found on women.writing_key = found.writing_key
    )

select *
from dated
