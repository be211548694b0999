-- A limit in the definition of an indicator, from its seed.
{% macro indicator_parameter(indicator, name) -%}
    (
        select value
        from {{ ref("indicator_parameters") }}
        where indicator_id = '{{ indicator }}' and name = '{{ name }}'
    )
{%- endmacro %}

-- Which row of a key holds: the last that came, as the gate has it.
{% macro latest_rank(columns, newest="received_at") -%}
    row_number() over (
        partition by {{ columns | join(", ") }}
        order by
            {{ newest }} desc nulls last,
            received_at desc nulls last,
            delivery_id desc nulls last,
            delivery_row desc nulls last
    )
{%- endmacro %}

-- An agency's counts per desa and quarter with our codes; the row of recency 1 holds.
-- The model names desa_names an import.
{% macro place_reports(relation) -%}
    select
        {{ relation }}.*,
        coalesce(desa_names.desa_code, 'unknown') as desa_code,
        coalesce(desa_names.kecamatan_code, 'unknown') as kecamatan_code,
        {{ quarter_of(relation ~ ".counted_on") }} as quarter,
        {{ relation }}.counted_on as as_of,
        {{
            latest_rank(
                [
                    "coalesce(desa_names.kecamatan_code, kecamatan_name)",
                    "coalesce(desa_names.desa_code, desa_name)",
                    "counted_on",
                ]
            )
        }} as recency
    from {{ relation }}
    left join desa_names using (kecamatan_name, desa_name)
{%- endmacro %}

-- The columns that every model of counts ends in, in one order.
{% macro indicator_columns() -%}
    indicator_id,
    desa_code,
    kecamatan_code,
    quarter,
    cast(numerator as bigint) as numerator,
    cast(denominator as bigint) as denominator,
    cast(records_known as bigint) as records_known,
    cast(records_due as bigint) as records_due,
    source_as_of
{%- endmacro %}

-- Records of persons or families, counted per desa and quarter. Each row of the
-- relation is due; is_known, when all that decides it is written; is_counted, when it
-- belongs into the denominator; is_reached, when into the numerator. Where nothing is
-- known there is no figure.
{% macro count_records(indicator, relation, is_known, is_counted, is_reached) -%}
    select
        '{{ indicator }}' as indicator_id,
        coalesce(desa_code, 'unknown') as desa_code,
        coalesce(kecamatan_code, 'unknown') as kecamatan_code,
        quarter,
        case
            when count(*) filter (where {{ is_known }}) > 0
            then
                count(*) filter (
                    where {{ is_known }} and {{ is_counted }} and {{ is_reached }}
                )
        end as numerator,
        case
            when count(*) filter (where {{ is_known }}) > 0
            then count(*) filter (where {{ is_known }} and {{ is_counted }})
        end as denominator,
        count(*) filter (where {{ is_known }}) as records_known,
        count(*) as records_due,
        min(as_of) as source_as_of
    from {{ relation }}
    group by 1, 2, 3, 4
{%- endmacro %}

-- Figures that an agency counts itself, one row per desa and quarter with numerator and
-- denominator; the areas that are due and did not report are there without figures.
{% macro count_reports(indicator, relation, numerator, denominator, due="due") -%}
    select
        '{{ indicator }}' as indicator_id,
        coalesce(reported.desa_code, due.desa_code) as desa_code,
        coalesce(reported.kecamatan_code, due.kecamatan_code) as kecamatan_code,
        coalesce(reported.quarter, due.quarter) as quarter,
        reported.numerator,
        reported.denominator,
        coalesce(reported.reports, 0) as records_known,
        coalesce(reported.reports, 1) as records_due,
        reported.as_of as source_as_of
    from
        (
            select
                desa_code,
                kecamatan_code,
                quarter,
                sum({{ numerator }}) as numerator,
                sum({{ denominator }}) as denominator,
                count(*) as reports,
                min(as_of) as as_of
            from {{ relation }}
            group by desa_code, kecamatan_code, quarter
        ) as reported
    full outer join
        {{ due }} as due
        on reported.desa_code = due.desa_code
        and reported.kecamatan_code = due.kecamatan_code
        and reported.quarter = due.quarter
{%- endmacro %}

-- Percentage points still missing to the target, 0 when it is reached; of an indicator
-- that shall fall, points above it.
{% macro points_to_target(coverage, target) -%}
    greatest(
        case
            when indicators.direction = 'up'
            then {{ target }} - {{ coverage }}
            else {{ coverage }} - {{ target }}
        end,
        case when {{ target }} is not null and {{ coverage }} is not null then 0 end
    )
{%- endmacro %}

-- The same in people, families or desa: how many more are needed, or are too many.
{% macro count_to_target(numerator, denominator, target) -%}
    case
        when {{ target }} is not null and {{ denominator }} > 0
        then
            cast(
                greatest(
                    case
                        when indicators.direction = 'up'
                        then
                            ceil(round({{ target }} * {{ denominator }} / 100.0, 6))
                            - {{ numerator }}
                        else
                            {{ numerator }}
                            - floor(round({{ target }} * {{ denominator }} / 100.0, 6))
                    end,
                    0
                ) as bigint
            )
    end
{%- endmacro %}

-- How an indicator stands, in the words of the task force.
{% macro progress_status(coverage, gap, is_target_verified) -%}
    case
        when {{ coverage }} is null
        then 'belum ada data'
        when {{ gap }} is null
        then 'tanpa target'
        else
            case when {{ gap }} = 0 then 'tercapai' else 'belum tercapai' end || case
                when {{ is_target_verified }}
                then ''
                else ', target belum terverifikasi'
            end
    end
{%- endmacro %}
