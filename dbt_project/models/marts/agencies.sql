with agencies as (select * from {{ ref("ref_agencies") }}) select * from agencies
