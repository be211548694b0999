-- Infants too young for any roster reach a household through their mother: the family
-- card on which a woman of bearing age stands who is the parent named by the posyandu,
-- with the father beside her or under the NIK given as the parent's. Two cards that fit
-- are none.
with
    records as (select * from {{ ref("int_linkage_records") }}),

    links as (select * from {{ ref("int_child_links") }}),

    couples as (select * from {{ ref("int_card_couples") }}),

    carded as (
        select distinct links.child_id
        from links
        inner join records using (record_id)
        where records.no_kk is not null
    ),

    cardless as (
        select distinct
            links.child_id,
            records.born_on,
            records.parent_1,
            records.parent_2,
            records.parent_nik,
            records.desa_code,
            records.first_as_of
        from links
        inner join records using (record_id)
        left join carded on links.child_id = carded.child_id
        where carded.child_id is null
    ),

    fits as (
        select
            cardless.child_id, couples.no_kk, cardless.first_as_of, 'mother_nik' as rule
        from cardless
        inner join couples on cardless.parent_nik = couples.nik
        union
        select
            cardless.child_id,
            couples.no_kk,
            cardless.first_as_of,
            'both_parents' as rule
        from cardless
        inner join
            couples
            on cardless.desa_code = couples.desa_code
            and couples.woman in (cardless.parent_1, cardless.parent_2)
            and couples.man in (cardless.parent_1, cardless.parent_2)
            and couples.woman <> couples.man
            and year(cardless.born_on) - year(couples.born_on) between 15 and 50
    )

select
    child_id,
    min(no_kk) as no_kk,
    min(first_as_of) as as_of,
    case
        when bool_or(rule = 'mother_nik') then 'mother_nik' else 'both_parents'
    end as rule
from fits
group by child_id
having count(distinct no_kk) = 1
