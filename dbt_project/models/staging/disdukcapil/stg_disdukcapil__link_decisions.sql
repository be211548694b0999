-- The registrar's latest word on a pair, in whichever order a file names its two sides.
-- A cell left empty is no word; "belum" is one, and takes back what was said before.
with
    judged as (
        select *
        from {{ source("disdukcapil", "keputusan_tautan") }}
        where {{ is_believed() }} and decision is not null
    ),

    ordered as (
        select
            *,
            coalesce(judged_on, cast(_received_at as date)) as said_on,
            least(
                concat(agency_a, '/', identity_a), concat(agency_b, '/', identity_b)
            ) as side_a,
            greatest(
                concat(agency_a, '/', identity_a), concat(agency_b, '/', identity_b)
            ) as side_b
        from judged
    ),

    ranked as (
        select
            *,
            row_number() over (
                partition by side_a, side_b
                order by said_on desc, _received_at desc, _row desc
            ) as recency
        from ordered
    ),

    coded as (
        select
            -- ids
            split_part(side_a, '/', 1) as agency_a,
            split_part(side_a, '/', 2) as identity_a,
            split_part(side_b, '/', 1) as agency_b,
            split_part(side_b, '/', 2) as identity_b,

            -- codes
            case
                lower(decision) when 'sama' then 'same' when 'beda' then 'different'
            end as decision,
            judged_by,

            -- dates
            said_on as judged_on,

            -- lineage
            _delivery_id as delivery_id,
            _row as delivery_row,
            _received_at as received_at
        from ranked
        where recency = 1 and lower(decision) in ('sama', 'beda')
    )

select *
from coded
