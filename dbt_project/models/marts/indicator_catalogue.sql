with
    indicators as (select * from {{ ref("indicators") }}),

    targets as (select * from {{ ref("indicator_targets") }}),

    joined as (
        select
            indicators.indicator_id
            || coalesce('/' || targets.year, '') as indicator_target,
            indicators.indicator_id,
            indicators.name_indonesian,
            indicators.name_english,
            indicators.agency,
            indicators.numerator_definition,
            indicators.denominator_definition,
            indicators.unit,
            indicators.direction,
            indicators.source,
            indicators.legal_basis,
            indicators.is_verified,
            indicators.valid_from,
            targets.year as target_year,
            targets.target_pct,
            targets.legal_basis as target_legal_basis,
            targets.is_verified as is_target_verified,
            targets.note as target_note
        from indicators
        left join targets using (indicator_id)
    )

select *
from joined
