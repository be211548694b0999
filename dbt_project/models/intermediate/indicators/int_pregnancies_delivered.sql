-- Each delivered pregnancy in the quarter in which it was delivered: before, nobody
-- could have had all tablets and visits. It is as the last list with the delivery has
-- it, so what is entered late changes the older quarter. A date typed into another year
-- makes no quarter of its own: only those count that have a list. Known error that
-- stays: a woman written in two ways is two.
with
    pregnancies as (select * from {{ ref("stg_dinkes__pregnancies") }}),

    desa_names as (select * from {{ ref("int_desa_names") }}),

    listed as (select distinct quarter from {{ ref("int_pregnancy_quarters") }}),

    delivered as (
        select
            *,
            {{ quarter_of("delivered_on") }} as quarter,
            {{ latest_rank(["pregnancy_key"], newest="as_of") }} as recency
        from pregnancies
        where delivered_on is not null
    ),

    placed as (
        select
            delivered.pregnancy_key,
            quarter,
            desa_names.desa_code,
            desa_names.kecamatan_code,
            delivered.iron_tablets,
            delivered.antenatal_visits,
            delivered.is_using_contraception,
            delivered.as_of
        from delivered
        inner join listed using (quarter)
        left join desa_names using (kecamatan_name, desa_name)
        where delivered.recency = 1
    )

select *
from placed
