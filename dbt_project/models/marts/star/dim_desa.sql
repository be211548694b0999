-- A desa's name alone is no key (13 names occur in two or three kecamatan), so the
-- label says the kecamatan too. What no list knows is a member of its own: every fact
-- finds its desa.
with
    desa as (select * from {{ ref("ref_desa") }}),

    kecamatan as (select * from {{ ref("dim_kecamatan") }}),

    puskesmas as (select * from {{ ref("dim_puskesmas") }}),

    served as (select * from {{ ref("ref_puskesmas_desa") }}),

    members as (
        select desa_code, desa_name, kecamatan_code, bps_code
        from desa
        union all
        select 'unknown', 'tidak diketahui', 'unknown', null
    )

select
    members.desa_code,
    members.desa_name,
    case
        when members.desa_code = 'unknown'
        then members.desa_name
        else members.desa_name || ' (' || kecamatan.kecamatan_name || ')'
    end as desa_label,
    members.kecamatan_code,
    kecamatan.kecamatan_name,
    coalesce(served.puskesmas_code, 'unknown') as puskesmas_code,
    puskesmas.puskesmas_name,
    served.is_verified as is_puskesmas_verified,
    members.bps_code
from members
inner join kecamatan on members.kecamatan_code = kecamatan.kecamatan_code
left join served on members.desa_code = served.desa_code
inner join
    puskesmas on coalesce(served.puskesmas_code, 'unknown') = puskesmas.puskesmas_code
