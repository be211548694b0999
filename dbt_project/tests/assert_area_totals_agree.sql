-- Desa, kecamatan and puskesmas are two ways of dividing the same children: each must
-- add up to the kabupaten.
with
    totals as (
        select
            'desa' as hierarchy,
            month,
            sum(due) as due,
            sum(measured) as measured,
            sum(stunted) as stunted
        from {{ ref("stunting_by_desa") }}
        group by month
        union all
        select 'kecamatan', month, sum(due), sum(measured), sum(stunted)
        from {{ ref("stunting_by_kecamatan") }}
        group by month
        union all
        select 'puskesmas', month, sum(due), sum(measured), sum(stunted)
        from {{ ref("stunting_by_puskesmas") }}
        group by month
        union all
        select
            'children',
            month,
            count(*),
            count(*) filter (where is_measured),
            count(*) filter (where is_stunted)
        from {{ ref("stunting_risk") }}
        group by month
    )

select totals.*
from totals
left join
    {{ ref("stunting_by_kabupaten") }} as kabupaten on totals.month = kabupaten.month
where
    kabupaten.month is null
    or totals.due <> kabupaten.due
    or totals.measured <> kabupaten.measured
    or totals.stunted <> kabupaten.stunted
