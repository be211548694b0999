-- The children of each desa in one month for all: the newest that each puskesmas that
-- sends at all has sent, or is waited for no longer (ref_visit_limits).
with
    puskesmas_months as (
        select *
        from {{ ref("int_puskesmas_months_delivered") }}
        where sent_month is not null
    ),

    child_months as (select * from {{ ref("int_child_months") }}),

    measured as (select * from {{ ref("int_child_months_measured") }}),

    factors as (select * from {{ ref("int_child_risk_factors") }}),

    scores as (select * from {{ ref("int_risk_profile_scores") }}),

    dated as (select * from {{ ref("int_months_dated") }}),

    desa as (select * from {{ ref("ref_desa") }}),

    common as (select min(month) as month from puskesmas_months),

    counted as (
        select
            desa.desa_code,
            dated.month,
            dated.oldest_input_as_of,
            count(*) as due,
            count(measured.child_id) as measured,
            count(measured.haz) as height_valid,
            count(*) filter (where measured.is_stunted) as stunted,
            count(*) filter (where scores.risk_band = 'high') as high_risk,
            count(*) filter (where scores.highest_band = 'high') as perhaps_high_risk,
            min(factors.welfare_as_of) as welfare_as_of
        from child_months
        inner join common on child_months.month = common.month
        inner join dated on child_months.month = dated.month
        -- a child of unknown desa is in no desa's priority
        inner join desa on child_months.desa_code = desa.desa_code
        inner join
            factors
            on child_months.child_id = factors.child_id
            and child_months.month = factors.month
        inner join scores on factors.risk_profile = scores.risk_profile
        left join
            measured
            on child_months.child_id = measured.child_id
            and child_months.month = measured.month
        group by desa.desa_code, dated.month, dated.oldest_input_as_of
    )

select *
from counted
