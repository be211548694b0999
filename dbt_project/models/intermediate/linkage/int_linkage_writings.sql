-- The writing that stands for a record where a person has to see it: any will do, as
-- long
-- as it is the same every night.
with members as (select * from {{ ref("int_linkage_members") }})

select
    record_id, min_by(agency, identity_key) as agency, min(identity_key) as identity_key
from members
group by record_id
