-- Points of risk_points for every factor that is present. An unknown factor gives no
-- point and lowers the completeness instead: unknown is not low risk, so a child of
-- whom too little is known has the band unknown (ref_risk_bands). The highest band is
-- the one it would have if all that is unknown were present; of two factors that
-- exclude each other the larger.
with
    factors as (select * from {{ ref("int_risk_profile_factors") }}),

    points as (select * from {{ ref("risk_points") }}),

    bands as (select * from {{ ref("ref_risk_bands") }}),

    weighted as (
        select
            factors.risk_profile,
            factors.is_present,
            points.points,
            points.counts_for_family,
            points.reason_indonesian,
            -- whether another factor may be there in place of this one
            coalesce(instead.is_present, instead.factor is not null) as is_replaced,
            case
                when factors.is_present and points.is_actionable then points.agency
            end as acting_agency,
            row_number() over (
                partition by factors.risk_profile, factors.is_present
                order by
                    points.points desc nulls last,
                    points.is_actionable desc nulls last,
                    points.factor nulls last
            ) as rank
        from factors
        inner join points on factors.factor = points.factor
        left join
            factors as instead
            on factors.risk_profile = instead.risk_profile
            and points.not_beside = instead.factor
    ),

    added as (
        select
            risk_profile,
            cast(
                coalesce(sum(points) filter (where is_present), 0) as integer
            ) as risk_points,
            cast(
                coalesce(
                    sum(points) filter (
                        where coalesce(is_present, true) and not is_replaced
                    ),
                    0
                ) as integer
            ) as highest_points,
            cast(
                coalesce(
                    sum(points) filter (where is_present and counts_for_family), 0
                ) as integer
            ) as family_points,
            count(is_present) / cast(count(*) as double) as completeness,
            max(reason_indonesian) filter (where is_present and rank = 1) as reason_1,
            max(reason_indonesian) filter (where is_present and rank = 2) as reason_2,
            max(reason_indonesian) filter (where is_present and rank = 3) as reason_3,
            {{ joined("distinct acting_agency", ", ", "acting_agency") }}
            as acting_agencies
        from weighted
        group by risk_profile
    ),

    banded as (
        select
            added.*,
            coalesce(bands.risk_band, 'unknown') as risk_band,
            highest.risk_band as highest_band
        from added
        left join
            bands
            on added.risk_points between bands.min_points and bands.max_points
            and added.completeness >= bands.min_completeness
        left join
            bands as highest
            on added.highest_points between highest.min_points and highest.max_points
    )

select *
from banded
