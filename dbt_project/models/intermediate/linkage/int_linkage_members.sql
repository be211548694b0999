-- Which record each way of writing comes to once names are in one spelling. Writings
-- that differ in nothing but a NIK or a card that one of them lacks are one record;
-- with
-- neither a name nor a parent a writing says too little to be put with another.
with
    children as (select * from {{ ref("int_child_records") }}),

    names as (select * from {{ ref("int_linkage_names") }}),

    parted as (
        select
            *,
            {{ is_unnamed("child_name") }} as is_unnamed,
            {{ letters("child_name") }} as raw_key,
            case
                when not {{ is_unnamed("child_name") }} then child_name
            end as own_name,
            case
                when {{ is_unnamed("child_name") }}
                then {{ mother_called("child_name") }}
            end as called_name,
            {{ parent_part("parent_names", 1) }} as first_name,
            {{ parent_part("parent_names", 2) }} as second_name,
            case when {{ is_own_nik("nik", "born_on") }} then nik end as own_nik
        from children
    ),

    read_names as (
        select
            parted.*,
            own.name_key,
            -- By Ny Siti tells who the mother is
            coalesce(first_parent.name_key, called.name_key) as parent_1,
            second_parent.name_key as parent_2
        from parted
        left join names as own on parted.own_name = own.name
        left join names as called on parted.called_name = called.name
        left join names as first_parent on parted.first_name = first_parent.name
        left join names as second_parent on parted.second_name = second_parent.name
    ),

    grouped as (
        select
            *,
            min(own_nik) over same_text as least_nik,
            max(own_nik) over same_text as most_nik,
            min(no_kk) over same_text as least_kk,
            max(no_kk) over same_text as most_kk
        from read_names
        window
            same_text as (
                partition by
                    agency,
                    raw_key,
                    born_on,
                    sex,
                    desa_code,
                    parent_1,
                    parent_2,
                    case when coalesce(name_key, parent_1) is null then identity_key end
            )
    ),

    filled as (
        select
            * {{ without("least_nik, most_nik, least_kk, most_kk") }},
            case when least_nik = most_nik then most_nik else own_nik end as record_nik,
            case when least_kk = most_kk then most_kk else no_kk end as record_kk
        from grouped
    ),

    keyed as (
        select
            {{
                content_key(
                    [
                        "agency",
                        "raw_key",
                        "born_on",
                        "sex",
                        "desa_code",
                        "parent_1",
                        "parent_2",
                        "record_nik",
                        "record_kk",
                        "case when coalesce(name_key, parent_1) is null then identity_key end",
                    ]
                )
            }}
            as content,
            *
        from filled
    ),

    -- a number for the key, good for this build: what is paired is made of it
    numbered as (
        select content, row_number() over (order by content) as record_id
        from (select distinct content from keyed) as contents
    )

select numbered.record_id, keyed.* {{ without("content") }}
from keyed
inner join numbered using (content)
