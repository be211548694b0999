with
    measured as (select * from {{ ref("ref_linkage_quality") }}),

    links as (select * from {{ ref("int_child_links") }}),

    reviews as (select * from {{ ref("int_linkage_reviews") }}),

    decided as (select * from {{ ref("int_linkage_pairs_decided") }} where is_judged),

    blocks as (select * from {{ ref("int_linkage_blocks") }}),

    family_cards as (select * from {{ ref("int_bkkbn_family_cards") }}),

    pregnancy_cards as (select * from {{ ref("int_pregnancy_cards") }}),

    counted as (
        select
            'children' as figure, count(distinct child_id) as cases, null as cases_pct
        from links
        union all
        select 'writings, ' || rule, count(*), 100.0 * count(*) / sum(count(*)) over ()
        from links
        group by rule
        union all
        select 'pairs in review', count(*), null
        from reviews
        union all
        select 'decisions of the registrar, same', count(*), null
        from decided
        where decision = 'link'
        union all
        select 'decisions of the registrar, different', count(*), null
        from decided
        where decision = 'apart'
        union all
        select 'blocks too large to pair', count(distinct kind || '|' || block), null
        from blocks
        where members > {{ linkage_threshold("max_block") }}
        union all
        select
            'families of BKKBN, ' || rule,
            count(*),
            100.0 * count(*) / sum(count(*)) over ()
        from family_cards
        group by rule
        union all
        select
            'pregnant women, ' || rule,
            count(*),
            100.0 * count(*) / sum(count(*)) over ()
        from pregnancy_cards
        group by rule
    ),

    published as (
        select
            'measured on invented data' as kind,
            faults,
            tier as figure,
            links as cases,
            cast(null as double) as cases_pct,
            precision,
            precision_low,
            precision_high,
            recall,
            recall_low,
            recall_high,
            f1,
            f1_low,
            f1_high,
            100 * review_share as review_pct,
            computed_on
        from measured
        union all
        select
            'this night',
            'real',
            figure,
            cast(cases as integer),
            cast(cases_pct as double),
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null
        from counted
    )

select *
from published
