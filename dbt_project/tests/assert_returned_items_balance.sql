-- Each row that went back is fixed, accepted as it is, deleted or open.
select *
from {{ ref("returns_progress") }}
where quarantined <> fixed + accepted_as_is + deleted + open
