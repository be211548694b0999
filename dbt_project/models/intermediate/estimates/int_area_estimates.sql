-- The mixture of an area's beta distributions over all borrowings: its mean is the
-- estimate, and 95 % of it lie between low and high. It is added up in steps of an
-- eighth of its own standard deviation, on the scale of log odds.
with
    posteriors as (select * from {{ ref("int_area_posteriors") }}),

    steps as (
        select (generated_number - 37) / 8.0 as step
        from ({{ dbt.generate_series(73) }}) as series
    ),

    centred as (
        select
            area_level,
            area_code,
            month,
            {{ exact_sum("weight * own_weight") }}
            / {{ exact_sum("weight") }} as own_weight,
            {{ exact_sum("weight * mean") }} / {{ exact_sum("weight") }} as mean,
            {{ exact_sum("weight * (variance + mean * mean)") }}
            / {{ exact_sum("weight") }} as square
        from posteriors
        group by area_level, area_code, month
    ),

    scaled as (
        select
            area_level,
            area_code,
            month,
            ln(mean / (1 - mean)) as centre,
            sqrt(square - mean * mean) / (mean * (1 - mean)) as width
        from centred
    ),

    dense as (
        select
            posteriors.area_level,
            posteriors.area_code,
            posteriors.month,
            steps.step,
            max(scaled.centre + step * width) as log_odds,
            sum(
                weight
                * width
                / 8
                * exp(
                    a * (centre + step * width)
                    - (a + b) * ln(1 + exp(centre + step * width))
                    - ln_norm
                )
            )
            / sum(weight) as share
        from posteriors
        inner join scaled using (area_level, area_code, month)
        cross join steps
        group by 1, 2, 3, 4
    ),

    cumulated as (
        select
            *,
            - share / 2 + sum(share) over until_here as below,
            lag(log_odds) over area as last_log_odds,
            - lag(share) over area / 2 + sum(share) over before_here as last_below
        from dense
        window
            area as (partition by area_level, area_code, month order by step),
            until_here as (
                partition by area_level, area_code, month
                order by step
                rows unbounded preceding
            ),
            before_here as (
                partition by area_level, area_code, month
                order by step
                rows between unbounded preceding and 1 preceding
            )
    ),

    cut as (
        select
            area_level,
            area_code,
            month,
            {{ log_odds_at("0.025") }} as low,
            {{ log_odds_at("0.975") }} as high
        from cumulated
        group by area_level, area_code, month
    )

-- rounded, as the last digits depend on the order of summing
select
    centred.area_level,
    centred.area_code,
    centred.month,
    round(centred.own_weight, 3) as own_weight,
    round(100 * centred.mean, 2) as estimate_pct,
    round(100 / (1 + exp(- cut.low)), 2) as low_pct,
    round(100 / (1 + exp(- cut.high)), 2) as high_pct
from centred
inner join cut using (area_level, area_code, month)
