-- Desa, kecamatan and puskesmas are ways of dividing the same households: each must add
-- up to the kabupaten.
with
    totals as (
        select
            area_level,
            quarter,
            sum(households) as households,
            sum(pregnant_women) as pregnant_women,
            sum(children_under_two) as children_under_two,
            sum(all_services) as all_services,
            sum(some_lacking) as some_lacking,
            sum(not_known) as not_known
        from {{ ref("convergence") }}
        group by area_level, quarter
    ),

    kabupaten as (select * from totals where area_level = 'kabupaten')

select totals.*
from totals
left join kabupaten using (quarter)
where
    kabupaten.quarter is null
    or totals.households <> kabupaten.households
    or totals.households <> totals.all_services + totals.some_lacking + totals.not_known
    or totals.pregnant_women <> kabupaten.pregnant_women
    or totals.children_under_two <> kabupaten.children_under_two
    or totals.all_services <> kabupaten.all_services
    or totals.some_lacking <> kabupaten.some_lacking
