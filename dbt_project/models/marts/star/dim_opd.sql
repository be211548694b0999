with agencies as (select * from {{ ref("agencies") }})

select agency, short_name, agency_name, can_do, is_verified
from agencies
