-- No row of a loaded file may vanish: each is accepted, quarantined, a duplicate or
-- superseded.
select *
from {{ ref("data_quality") }}
where rows_read <> rows_accepted + rows_quarantined + rows_duplicate + rows_superseded
