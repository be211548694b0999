-- A register under another name than linkage has would lose its children in the join.
select identities.agency
from {{ ref("int_child_identities") }} as identities
left join {{ ref("int_child_links") }} as links using (agency, identity_key)
group by identities.agency
having count(links.child_id) = 0
