-- is_stunted is of the month's own height, the class of the latest known: in a month
-- with
-- a height of its own both say the same.
select *
from {{ ref("stunting_risk") }}
where
    (is_stunted is not null) <> coalesce(height_month = month, false)
    or (
        height_month = month
        and is_stunted <> (last_height_for_age_class in ('sangat_pendek', 'pendek'))
    )
