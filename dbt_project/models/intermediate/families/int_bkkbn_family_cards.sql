-- BKKBN's kode_keluarga to the number of the family card, by int_woman_cards.
with
    seeking as (
        select * from {{ ref("int_women_seeking_cards") }} where kind = 'family'
    ),

    cards as (select * from {{ ref("int_woman_cards") }}),

    joined as (
        select seeking.seeker as family_code, seeking.as_of, cards.no_kk, cards.rule
        from seeking
        inner join cards using (writing_key)
    )

select *
from joined
