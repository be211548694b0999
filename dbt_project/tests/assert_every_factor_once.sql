-- Each profile has each factor of risk_points once: neither a factor lost nor one
-- counted twice, and no two values under one profile.
select factors.risk_profile, count(points.factor) as found
from {{ ref("int_risk_profile_factors") }} as factors
left join {{ ref("risk_points") }} as points on factors.factor = points.factor
group by factors.risk_profile
having
    count(points.factor) <> (select count(*) from {{ ref("risk_points") }})
    or count(distinct points.factor) <> count(*)
