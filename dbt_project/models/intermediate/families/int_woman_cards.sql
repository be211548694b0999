-- The family card of a woman by the best step of int_woman_card_fits that finds one. Of
-- several cards the one read last counts, for women marry out of their parents' card;
-- two cards that fit on one day are none.
with
    seeking as (select * from {{ ref("int_women_seeking_cards") }}),

    fits as (select * from {{ ref("int_woman_card_fits") }}),

    ranked as (
        select
            *,
            rank() over (
                partition by writing_key order by step, as_of desc nulls last
            ) as place
        from fits
    ),

    chosen as (
        select
            writing_key,
            min(step) as step,
            min(no_kk) as no_kk,
            count(distinct no_kk) as cards
        from ranked
        where place = 1
        group by writing_key
    ),

    written as (select distinct writing_key from seeking),

    ruled as (
        select
            written.writing_key,
            case when chosen.cards = 1 then chosen.no_kk end as no_kk,
            case
                when chosen.cards is null
                then 'alone'
                when chosen.cards > 1
                then 'two_cards'
                when chosen.step in (1, 6)
                then 'given_card'
                when chosen.step in (2, 7)
                then 'woman_nik'
                when chosen.step = 3
                then 'name_and_birth_date'
                else 'both_names'
            end as rule
        from written
        left join chosen using (writing_key)
    )

select *
from ruled
