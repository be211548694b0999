-- The month at which the lists of a puskesmas stand: the newest that it has sent. Who
-- lags behind the first sender stays a while (ref_visit_limits), then goes on without
-- its weighings, so that a puskesmas that stopped sending shows as children not
-- measured.
with
    measurements as (select * from {{ ref("stg_dinkes__measurements") }}),

    months as (select * from {{ ref("int_months") }}),

    puskesmas as (select puskesmas_code from {{ ref("ref_puskesmas") }}),

    puskesmas_names as (select * from {{ ref("int_puskesmas_names") }}),

    limits as (
        select cast(months as integer) as months_waited
        from {{ ref("ref_visit_limits") }}
        where limit_name = 'months_waited'
    ),

    -- no row before anything was sent: no list stands at any month then
    newest as (select max(month) as month from months having max(month) is not null),

    sent as (
        select
            puskesmas_names.puskesmas_code,
            max(measurements.delivered_for_month) as month
        from measurements
        inner join puskesmas_names using (puskesmas_name)
        group by puskesmas_names.puskesmas_code
    ),

    -- a child of unknown puskesmas stands at the newest month: nobody is waited for
    listed as (
        select puskesmas_code
        from puskesmas
        union all
        select 'unknown'
    ),

    dated as (
        select
            listed.puskesmas_code,
            sent.month as sent_month,
            case
                when listed.puskesmas_code = 'unknown'
                then newest.month
                else
                    greatest(
                        coalesce(sent.month, date '1900-01-01'),
                        cast(
                            {{
                                dbt.dateadd(
                                    "month", "-limits.months_waited", "newest.month"
                                )
                            }} as date
                        )
                    )
            end as month
        from listed
        cross join newest
        cross join limits
        left join sent on listed.puskesmas_code = sent.puskesmas_code
    )

select *
from dated
