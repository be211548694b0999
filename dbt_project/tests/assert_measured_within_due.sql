-- A child measured is a child due, and what is counted of the measured is a part of
-- them.
select *
from {{ ref("stunting_by_desa") }}
where
    measured > due
    or height_valid > measured
    or weight_valid > measured
    or weight_height_valid > measured
    or stunted > height_valid
    or severely_stunted > stunted
    or underweight > weight_valid
    or wasted > weight_height_valid
    or flagged > measured
