-- The indicator konvergensi_1000hpk: of the households with a pregnant woman or a child
-- of 0 to 23 months at the quarter's end, those who received every service due to them
-- (ref_services). Unknown counts as not received, and records_known says how much of it
-- there is.
with
    households as (select * from {{ ref("int_thousand_day_convergence") }}),

    counted as (
        select
            'konvergensi_1000hpk' as indicator_id,
            desa_code,
            kecamatan_code,
            quarter,
            count(*) filter (where is_converged) as numerator,
            count(*) as denominator,
            count(is_converged) as records_known,
            count(*) as records_due,
            min(source_as_of) as source_as_of
        from households
        group by desa_code, kecamatan_code, quarter
    )

select *
from counted
