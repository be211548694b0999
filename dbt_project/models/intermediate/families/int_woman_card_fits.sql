-- Each family card on which a woman seems to stand, with the step of the rule that
-- says so, best first:
-- 1 the card she names is in a register, and somebody on it agrees with her: her NIK, a
-- name like hers, a man like her husband; or no woman stands on it to compare with
-- 2 her NIK stands on the card
-- 3 her name and birth date do, in her desa
-- 4 her name and her husband's do, in her desa
-- 5 one of the two names does beside one like the other, in her desa
-- 6 to 8 on the card of a child: the card named, her NIK as the parent's, both names as
-- the parents'
with
    seeking as (select * from {{ ref("int_women_seeking_cards") }}),

    desa_names as (select * from {{ ref("int_desa_names") }}),

    adults as (select * from {{ ref("int_card_adults") }}),

    couples as (select * from {{ ref("int_card_couples") }}),

    children as (
        select * from {{ ref("int_linkage_records") }} where no_kk is not null
    ),

    written as (
        select woman_name as name
        from seeking
        union
        select husband_name as name
        from seeking
    ),

    names as (select name, {{ name_key("name") }} as name_key from written),

    women as (
        select distinct
            seeking.writing_key,
            seeking.nik,
            seeking.no_kk,
            seeking.born_on,
            desa_names.desa_code,
            woman.name_key as woman,
            husband.name_key as husband
        from seeking
        left join desa_names using (kecamatan_name, desa_name)
        left join names as woman on seeking.woman_name = woman.name
        left join names as husband on seeking.husband_name = husband.name
    ),

    fits as (
        select women.writing_key, 1 as step, adults.no_kk, adults.last_as_of as as_of
        from women
        inner join adults on women.no_kk = adults.no_kk
        left join couples on adults.no_kk = couples.no_kk
        where
            couples.no_kk is null
            or women.nik = couples.nik
            or {{ is_like_name("women.woman", "couples.woman", 40) }}
            or {{ is_like_name("women.husband", "couples.man", 40) }}
        union
        select women.writing_key, 2, adults.no_kk, adults.last_as_of
        from women
        inner join adults on women.nik = adults.nik
        union
        select women.writing_key, 3, couples.no_kk, couples.last_as_of
        from women
        inner join couples using (desa_code, woman, born_on)
        union
        select
            women.writing_key,
            case when women.husband = couples.man then 4 else 5 end,
            couples.no_kk,
            couples.last_as_of
        from women
        inner join couples using (desa_code, woman)
        where {{ is_like_name("women.husband", "couples.man", 25) }}
        union
        select women.writing_key, 5, couples.no_kk, couples.last_as_of
        from women
        inner join
            couples
            on women.desa_code = couples.desa_code
            and women.husband = couples.man
        where {{ is_like_name("women.woman", "couples.woman", 25) }}
        union
        select women.writing_key, 6, children.no_kk, children.last_as_of
        from women
        inner join children on women.no_kk = children.no_kk
        left join adults on children.no_kk = adults.no_kk
        where adults.no_kk is null
        union
        select women.writing_key, 7, children.no_kk, children.last_as_of
        from women
        inner join children on women.nik = children.parent_nik
        union
        select women.writing_key, 8, children.no_kk, children.last_as_of
        from women
        inner join
            children
            on women.desa_code = children.desa_code
            and least(women.woman, women.husband)
            = least(children.parent_1, children.parent_2)
            and greatest(women.woman, women.husband)
            = greatest(children.parent_1, children.parent_2)
            and women.husband is not null
            and children.parent_2 is not null
    )

select *
from fits
