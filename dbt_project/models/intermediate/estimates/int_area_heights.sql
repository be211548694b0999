-- What an area has measured itself, and whose level it borrows from while it has
-- measured little: a desa from its kecamatan, a kecamatan or puskesmas from the
-- kabupaten. Children of unknown place are in no area.
with
    counted as (select * from {{ ref("int_area_months_counted") }}),

    placed as (
        select
            'desa' as area_level,
            desa_code as area_code,
            kecamatan_code as parent_code,
            month,
            height_valid,
            stunted
        from counted
        where desa_code <> 'unknown'
        union all
        select
            'kecamatan' as area_level,
            kecamatan_code as area_code,
            'kabupaten' as parent_code,
            month,
            height_valid,
            stunted
        from counted
        where kecamatan_code <> 'unknown'
        union all
        select
            'puskesmas' as area_level,
            puskesmas_code as area_code,
            'kabupaten' as parent_code,
            month,
            height_valid,
            stunted
        from counted
        where puskesmas_code <> 'unknown'
    ),

    summed as (
        select
            area_level,
            area_code,
            parent_code,
            month,
            cast(sum(height_valid) as bigint) as height_valid,
            cast(sum(stunted) as bigint) as stunted
        from placed
        group by area_level, area_code, parent_code, month
    )

select *
from summed
