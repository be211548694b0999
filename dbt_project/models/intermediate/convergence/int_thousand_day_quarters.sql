-- A quarter counts once it is over in the lists of who lives through the thousand days:
-- the pregnant women's or the immunisation list of it has come.
with
    pregnancies as (select * from {{ ref("stg_dinkes__pregnancies") }}),

    immunisations as (select * from {{ ref("stg_dinkes__immunisations") }}),

    listed as (
        select as_of
        from pregnancies
        union
        select as_of
        from immunisations
    ),

    dated as (
        select {{ quarter_of("as_of") }} as quarter, as_of as quarter_end_on from listed
    )

select *
from dated
