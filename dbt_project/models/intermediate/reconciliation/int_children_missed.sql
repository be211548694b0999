-- Children due without a valid height in the month: those whom the posyandu has weighed
-- at some time, and those it never has. How many of them are stunted nobody knows; as a
-- guess they are like the measured of their age and kecamatan, or of their age alone
-- where nobody of that age was measured there. Infants are the least stunted, and come
-- least.
with
    child_months as (select * from {{ ref("int_child_months") }}),

    measured as (select * from {{ ref("int_child_months_measured") }}),

    weighed as (select distinct child_id from {{ ref("int_measurements") }}),

    desa as (select desa_code, kecamatan_code from {{ ref("ref_desa") }}),

    banded as (
        select
            child_months.child_id,
            child_months.month,
            coalesce(desa.kecamatan_code, 'unknown') as kecamatan_code,
            case
                when child_months.age_months < 6
                then '00-05'
                when child_months.age_months < 12
                then '06-11'
                when child_months.age_months < 24
                then '12-23'
                when child_months.age_months < 36
                then '24-35'
                when child_months.age_months < 48
                then '36-47'
                else '48-59'
            end as age_band,
            weighed.child_id is not null as is_ever_weighed,
            case
                when measured.is_stunted then 1 when not measured.is_stunted then 0
            end as stunted
        from child_months
        left join measured using (child_id, month)
        left join weighed using (child_id)
        left join desa using (desa_code)
    ),

    likened as (
        select
            *,
            coalesce(
                avg(stunted) over (partition by month, kecamatan_code, age_band),
                avg(stunted) over (partition by month, age_band),
                avg(stunted) over (partition by month)
            ) as likely_share
        from banded
    ),

    counted as (
        select
            month,
            is_ever_weighed,
            count(*) as children,
            {{ exact_sum("likely_share") }} as likely_stunted
        from likened
        where stunted is null
        group by month, is_ever_weighed
    )

select *
from counted
