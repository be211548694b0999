-- The pairs of records that are compared: those that share a block. A step of its own,
-- for it is the largest of linkage.
with blocks as (select * from {{ ref("int_linkage_blocks") }} where not is_capped)

select distinct l.record_no as record_no_l, r.record_no as record_no_r
from blocks as l
inner join
    blocks as r on l.kind = r.kind and l.block = r.block and l.record_no < r.record_no
