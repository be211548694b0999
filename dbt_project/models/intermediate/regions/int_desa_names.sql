with
    written as (select * from {{ ref("int_places_written") }}),

    kecamatan as (select * from {{ ref("int_kecamatan_names") }}),

    desa as (select * from {{ ref("ref_desa") }}),

    aliases as (select * from {{ ref("ref_desa_aliases") }}),

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
        inner join kecamatan using (kecamatan_name)
        -- a name that no list knows keeps its row: it is the list of aliases to write
        left join
            spellings
            on kecamatan.kecamatan_code = spellings.kecamatan_code
            and {{ place_key("written.desa_name") }} = spellings.desa_key
        where written.desa_name is not null
    )

select *
from matched
