-- Whom a service has reached is a part of those who were to be reached, and what is
-- known a part of what was due.
select *
from {{ ref("opd_progress") }}
where
    numerator < 0
    or numerator > denominator
    or records_known > records_due
    or (denominator is null) <> (numerator is null)
