-- Does a score find the children it is to find? AUC is the chance that a case has more
-- points than another child, ties counted half; its 95 % interval is DeLong's (DeLong,
-- DeLong and Clarke-Pearson 1988, Biometrics 44:837-845), worked out from the counts by
-- points. Calibration sets the cases, and the rise of their share with each point,
-- against the window before.
with
    ranked as (select * from {{ ref("int_risk_points_ranked") }}),

    dated as (select * from {{ ref("int_months_dated") }}),

    -- a case at these points beats the others below it, another child yields to the
    -- cases above it
    placed as (
        select
            *,
            (all_others - others_above - others / 2.0)
            / nullif(all_others, 0) as beaten,
            (cases_above + cases / 2.0) / nullif(all_cases, 0) as yielded
        from ranked
    ),

    summed as (
        select
            design,
            score,
            score_month,
            outcome_month,
            group_kind,
            group_name,
            cast(sum(children) as bigint) as children,
            cast(sum(cases) as bigint) as cases,
            sum(others) as others,
            sum(cases * beaten) / nullif(sum(cases), 0) as auc,
            sum(cases * pow(beaten, 2)) as beaten_squares,
            sum(others * pow(yielded, 2)) as yielded_squares,
            sum(children * visited_share) as visited,
            sum(cases * visited_share) as cases_found,
            sum(cases) filter (where expected_share is not null) as observed_cases,
            sum(children * expected_share) as expected_cases,
            {{ rise_per_point() }} / nullif(max(expected_rise), 0) as slope
        from placed
        group by all
    ),

    fitted as (
        select
            *,
            sqrt(
                greatest(beaten_squares - cases * pow(auc, 2), 0)
                / (cases * (cases - 1))
                + greatest(yielded_squares - others * pow(auc, 2), 0)
                / (others * (others - 1))
            ) as auc_error
        from summed
        -- of a smaller group nothing can be said
        where least(cases, others) >= {{ risk_validation("min_cases") }}
    ),

    bounded as (
        select
            *,
            greatest(auc - 1.96 * auc_error, 0) as auc_low,
            least(auc + 1.96 * auc_error, 1) as auc_high
        from fitted
    ),

    judged as (
        select
            summed.design,
            summed.score,
            summed.score_month,
            summed.outcome_month,
            summed.group_kind,
            summed.group_name,
            summed.children,
            summed.cases,
            100.0 * summed.cases / summed.children as cases_pct,
            round(bounded.auc, 4) as auc,
            round(bounded.auc_low, 4) as auc_low,
            round(bounded.auc_high, 4) as auc_high,
            round(100 * bounded.visited / bounded.children, 2) as visited_pct,
            round(100 * bounded.cases_found / bounded.cases, 2) as cases_found_pct,
            round(
                bounded.cases_found
                / bounded.cases
                * bounded.children
                / nullif(bounded.visited, 0),
                3
            ) as lift,
            round(
                bounded.observed_cases / nullif(bounded.expected_cases, 0), 3
            ) as observed_to_expected,
            round(bounded.slope, 3) as calibration_slope,
            dated.oldest_input_as_of
        from summed
        left join dated on summed.score_month = dated.month
        left join bounded using (design, score, group_kind, group_name)
    )

select *
from judged
