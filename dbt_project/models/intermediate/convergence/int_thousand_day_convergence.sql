-- A household converges when every service it is due was received. One known to be
-- lacking settles that it does not; with none lacking and some unknown it is unknown.
with
    households as (select * from {{ ref("int_thousand_day_households") }}),

    services as (select * from {{ ref("int_thousand_day_services") }}),

    counted as (
        select
            household_key,
            quarter,
            count(*) as services_due,
            count(*) filter (where state = 'received') as services_received,
            count(*) filter (where state = 'lacking') as services_lacking,
            min(source_as_of) as source_as_of
        from services
        group by household_key, quarter
    ),

    judged as (
        select
            households.*,
            counted.services_due,
            counted.services_received,
            counted.services_lacking,
            case
                when counted.services_lacking > 0
                then false
                when counted.services_received = counted.services_due
                then true
            end as is_converged,
            counted.source_as_of
        from households
        inner join counted using (household_key, quarter)
    )

select *
from judged
