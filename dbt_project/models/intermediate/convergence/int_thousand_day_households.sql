-- The households of int_thousand_day_members: one family card, or one member without a
-- card. A household lives where its pregnant woman does, else its youngest child.
with
    members as (select * from {{ ref("int_thousand_day_members") }}),

    desa as (select desa_code, kecamatan_code from {{ ref("ref_desa") }}),

    ranked as (
        select
            *,
            row_number() over (
                partition by household_key, quarter
                order by
                    desa_code is null,
                    member_kind desc,
                    born_on desc nulls last,
                    member_key nulls last
            ) as place
        from members
    ),

    grouped as (
        select
            household_key,
            quarter,
            any_value(quarter_end_on) as quarter_end_on,
            any_value(no_kk) as no_kk,
            max(desa_code) filter (where place = 1) as desa_code,
            max(puskesmas_code) filter (where place = 1) as puskesmas_code,
            count(*) filter (where member_kind = 'pregnant') as pregnant_women,
            count(*) filter (where member_kind = 'child') as children_under_two
        from ranked
        group by household_key, quarter
    )

select
    grouped.household_key,
    grouped.quarter,
    grouped.quarter_end_on,
    grouped.no_kk,
    coalesce(grouped.desa_code, 'unknown') as desa_code,
    coalesce(desa.kecamatan_code, 'unknown') as kecamatan_code,
    coalesce(grouped.puskesmas_code, 'unknown') as puskesmas_code,
    grouped.pregnant_women,
    grouped.children_under_two
from grouped
left join desa on grouped.desa_code = desa.desa_code
