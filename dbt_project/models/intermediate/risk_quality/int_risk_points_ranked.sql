-- What stands above and below each number of points, in its group and among all
-- children: the chance of being visited when teams go down the list of all children to
-- their capacity (ref_risk_validation), and the share of cases that the window before
-- lets expect.
with
    counted as (select * from {{ ref("int_risk_points_counted") }}),

    ranked as (
        select
            *,
            sum(others) over (downward) - others as others_above,
            sum(cases) over (downward) - cases as cases_above,
            sum(children) over (downward) - children as children_above,
            sum(others) over whole as all_others,
            sum(cases) over whole as all_cases,
            sum(children) over whole as all_children
        from counted
        window
            whole as (partition by design, period, score, group_kind, group_name),
            downward as (
                partition by design, period, score, group_kind, group_name
                order by points desc nulls last
            )
    ),

    -- children of equal points are visited in any order, so the last ones in part
    visits as (
        select
            design,
            period,
            score,
            points,
            least(
                greatest(
                    {{ risk_validation("capacity_share") }} * all_children
                    - children_above,
                    0
                )
                / children,
                1
            ) as visited_share
        from ranked
        where group_kind = 'all'
    ),

    -- points of a time when fewer factors were known foretell nothing: as many, or no
    -- expectation
    comparable as (
        select design, score
        from ranked
        where group_kind = 'all'
        group by design, score
        having
            abs(
                sum(completeness) filter (where period = 'now')
                / sum(children) filter (where period = 'now')
                - sum(completeness) filter (where period = 'before')
                / sum(children) filter (where period = 'before')
            )
            <= {{ risk_validation("max_completeness_gap") }}
    ),

    before as (
        select ranked.*
        from ranked
        inner join comparable using (design, score)
        where group_kind = 'all' and period = 'before'
    ),

    expectations as (
        select design, score, points, cases / cast(children as double) as expected_share
        from before
    ),

    rises as (
        select design, score, {{ rise_per_point() }} as expected_rise
        from before
        group by design, score
    ),

    joined as (
        select
            ranked.*,
            visits.visited_share,
            expectations.expected_share,
            rises.expected_rise
        from ranked
        inner join visits using (design, period, score, points)
        left join expectations using (design, score, points)
        left join rises using (design, score)
    )

select *
from joined
where period = 'now'
