with
    measurements as (select * from {{ ref("stg_dinkes__measurements") }}),

    sanitation as (select * from {{ ref("stg_dinkes__desa_sanitation") }}),

    houses as (select * from {{ ref("stg_perkim__houses") }}),

    water as (select * from {{ ref("stg_pupr__desa_water") }}),

    children as (select * from {{ ref("stg_disdukcapil__children") }}),

    pregnancies as (select * from {{ ref("stg_dinkes__pregnancies") }}),

    immunisations as (select * from {{ ref("stg_dinkes__immunisations") }}),

    families_at_risk as (select * from {{ ref("stg_dkbp3a__families_at_risk") }}),

    brides as (select * from {{ ref("stg_dkbp3a__brides") }}),

    parenting as (select * from {{ ref("stg_dkbp3a__parenting_groups") }}),

    scorecards as (select * from {{ ref("stg_dpmd__village_scorecards") }}),

    schools as (select * from {{ ref("stg_dindik__early_education") }}),

    kecamatan as (select * from {{ ref("ref_kecamatan") }}),

    desa as (select * from {{ ref("ref_desa") }}),

    aliases as (select * from {{ ref("ref_desa_aliases") }}),

    written as (
        select kecamatan_name, desa_name
        from measurements
        union
        select kecamatan_name, desa_name
        from sanitation
        union
        select kecamatan_name, desa_name
        from houses
        union
        select kecamatan_name, desa_name
        from water
        union
        select kecamatan_name, desa_name
        from children
        union
        select kecamatan_name, desa_name
        from pregnancies
        union
        select kecamatan_name, desa_name
        from immunisations
        union
        select kecamatan_name, desa_name
        from families_at_risk
        union
        select kecamatan_name, desa_name
        from brides
        union
        select kecamatan_name, desa_name
        from parenting
        union
        select kecamatan_name, desa_name
        from scorecards
        union
        select kecamatan_name, desa_name
        from schools
    ),

    -- 16 desa names occur in more than one kecamatan: a desa is known by both names or
    -- not at all
    spellings as (
        select
            kecamatan_code,
            {{ place_key("desa_name") }} as desa_key,
            desa_code,
            'name' as rule
        from desa
        union all
        select
            kecamatan_code,
            {{ place_key("alias") }} as desa_key,
            desa_code,
            'alias' as rule
        from aliases
    ),

    matched as (
        select
            written.kecamatan_name,
            written.desa_name,
            kecamatan.kecamatan_code,
            spellings.desa_code,
            coalesce(spellings.rule, 'unknown') as rule
        from written
        left join
            kecamatan
            on {{ place_key("written.kecamatan_name") }}
            = {{ place_key("kecamatan.kecamatan_name") }}
        -- a name that no list knows keeps its row: it is the list of aliases to write
        left join
            spellings
            on kecamatan.kecamatan_code = spellings.kecamatan_code
            and {{ place_key("written.desa_name") }} = spellings.desa_key
    )

select *
from matched
