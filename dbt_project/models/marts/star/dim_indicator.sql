with indicators as (select * from {{ ref("indicators") }})

select
    indicator_id,
    name_indonesian,
    name_english,
    agency,
    unit,
    direction,
    numerator_definition,
    denominator_definition,
    source,
    legal_basis,
    is_verified,
    valid_from
from indicators
