-- What is compared: one row per record, names in one spelling.
with
    members as (select * from {{ ref("int_linkage_members") }}),

    grouped as (
        select
            record_id,
            agency,
            authority,
            is_one_row_each,
            record_nik as nik,
            record_kk as no_kk,
            raw_key,
            min(name_key) as name_key,
            bool_and(is_unnamed) as is_unnamed,
            sex,
            born_on,
            parent_1,
            parent_2,
            max(parent_nik) as parent_nik,
            desa_code,
            min(first_as_of) as first_as_of,
            max(last_as_of) as last_as_of,
            min(first_received_at) as first_received_at
        from members
        -- as in int_child_records: the key alone says which
        group by all
    ),

    -- a name that too many bear is a filler and says nothing
    fillers as (
        select name_key
        from grouped
        group by name_key
        having
            count(*) > {{ linkage_threshold("max_block") }}
            and count(*) * 100
            > {{ linkage_threshold("filler_pct") }} * (select count(*) from grouped)
    ),

    named as (
        select
            grouped.* {{ without("name_key") }},
            case when fillers.name_key is null then grouped.name_key end as name_key
        from grouped
        left join fillers using (name_key)
    ),

    -- the names under which the registers that list each person once know a birth
    registered as (
        select distinct name_key, born_on, sex
        from named
        where is_one_row_each and name_key is not null
    )

select
    named.*,
    split_part(named.name_key, ' ', 1) as first_key,
    regexp_extract(named.name_key, '[^ ]+$', 0) as last_key,
    left(named.desa_code, 8) as kecamatan_code,
    count(*) over (partition by named.name_key) as name_count,
    registered.name_key is not null as is_name_registered,
    {{ dbt.datediff("cast('1970-01-01' as date)", "named.born_on", "day") }} as born_day
from named
left join registered using (name_key, born_on, sex)
