-- The pairs of records that are compared: those that share a block. A step of its own,
-- for it is the largest of linkage.
with blocks as (select * from {{ ref("int_linkage_blocks") }} where not is_capped)

select distinct l.record_id as record_l, r.record_id as record_r
from blocks as l
inner join
    blocks as r on l.kind = r.kind and l.block = r.block and l.record_id < r.record_id
