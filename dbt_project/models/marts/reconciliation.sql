-- Why the register's prevalence is not the survey's (domain of e-PPGBM against SSGI):
-- what is put right here, what is still in the figure, and what stays unexplained. The
-- register's figure is never changed by it.
with
    components as (select * from {{ ref("ref_reconciliation_components") }}),

    dated as (select * from {{ ref("int_months_dated") }}),

    levels as (select * from {{ ref("int_reconciliation_levels") }}),

    corrected as (select * from {{ ref("int_faults_corrected") }}),

    faults_left as (select * from {{ ref("int_faults_left") }}),

    compared as (
        select
            register.month,
            register.level_pct,
            register.level_pct - survey.level_pct as points,
            register.level_pct - survey.high_pct as low,
            register.level_pct - survey.low_pct as high,
            explained.points as explained
        from levels as register
        inner join
            (
                select month, sum(effect_points) as points
                from faults_left
                group by month
            ) as explained
            on register.month = explained.month
        left join
            levels as survey
            on register.month = survey.month
            and survey.component = 'survey'
        where register.component = 'register'
    ),

    lines as (
        select
            month,
            component,
            level_pct,
            low_pct,
            high_pct,
            null as effect_points,
            null as low_points,
            null as high_points,
            children
        from levels
        union all
        select month, component, null, null, null, effect_points, null, null, children
        from corrected
        union all
        select
            month,
            component,
            null,
            null,
            null,
            effect_points,
            low_points,
            high_points,
            children
        from faults_left
        union all
        select
            month, 'all_due', level_pct - explained, null, null, null, null, null, null
        from compared
        union all
        select month, 'difference', null, null, null, points, low, high, null
        from compared
        union all
        select
            month,
            'remainder',
            null,
            null,
            null,
            points - explained,
            low - explained,
            high - explained,
            null
        from compared
    ),

    worded as (
        select
            lines.month,
            components.step,
            lines.component,
            components.kind,
            components.name_indonesian,
            round(lines.level_pct, 2) as level_pct,
            round(lines.low_pct, 2) as low_pct,
            round(lines.high_pct, 2) as high_pct,
            round(lines.effect_points, 2) as effect_points,
            round(lines.low_points, 2) as low_points,
            round(lines.high_points, 2) as high_points,
            cast(lines.children as bigint) as children,
            components.method_indonesian,
            dated.oldest_input_as_of
        from lines
        inner join components using (component)
        left join dated on lines.month = dated.month
    )

select *
from worded
