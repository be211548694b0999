-- Families at risk of stunting (KRS) of a desa and round, three times over: as BKKBN
-- gives the status, by BKKBN's own criteria, by our records. Where they differ both are
-- shown and neither is mended. KRS is no list of stunted children.
with
    families as (select * from {{ ref("int_krs_families") }}),

    desa as (select * from {{ ref("ref_desa") }}),

    kecamatan as (select * from {{ ref("ref_kecamatan") }}),

    counted as (
        select
            coalesce(desa_code, 'unknown') as desa_code,
            quarter,
            max(as_of) as round_as_of,
            count(*) as families,
            count(no_kk) as families_on_card,
            count(is_at_risk) as given_known,
            count(*) filter (where is_at_risk) as given_at_risk,
            count(is_at_risk_by_flags) as flags_known,
            count(*) filter (where is_at_risk_by_flags) as flags_at_risk,
            count(is_at_risk_by_records) as records_known,
            count(*) filter (where is_at_risk_by_records) as records_at_risk,
            count(*) filter (where is_at_risk = is_at_risk_by_flags) as flags_agree,
            count(*) filter (where is_at_risk <> is_at_risk_by_flags) as flags_differ,
            count(*) filter (where is_at_risk = is_at_risk_by_records) as records_agree,
            count(*) filter (
                where is_at_risk and not is_at_risk_by_records
            ) as given_only,
            count(*) filter (
                where is_at_risk_by_records and not is_at_risk
            ) as records_only,
            count(is_accompanied) filter (where is_at_risk) as accompanied_known,
            count(*) filter (where is_at_risk and is_accompanied) as accompanied
        from families
        group by 1, 2
    ),

    shared as (
        select
            *,
            100.0 * given_at_risk / nullif(given_known, 0) as given_at_risk_pct,
            100.0 * flags_at_risk / nullif(flags_known, 0) as flags_at_risk_pct,
            100.0 * records_at_risk / nullif(records_known, 0) as records_at_risk_pct,
            100.0 * accompanied / nullif(accompanied_known, 0) as accompanied_pct
        from counted
    )

select
    shared.desa_code,
    coalesce(desa.desa_name, 'tidak diketahui') as desa_name,
    coalesce(kecamatan.kecamatan_code, 'unknown') as kecamatan_code,
    coalesce(kecamatan.kecamatan_name, 'tidak diketahui') as kecamatan_name,
    shared.quarter,
    shared.round_as_of,
    cast(shared.families as integer) as families,
    cast(shared.families_on_card as integer) as families_on_card,
    cast(shared.given_known as integer) as given_known,
    cast(shared.given_at_risk as integer) as given_at_risk,
    shared.given_at_risk_pct,
    cast(shared.flags_known as integer) as flags_known,
    cast(shared.flags_at_risk as integer) as flags_at_risk,
    shared.flags_at_risk_pct,
    cast(shared.records_known as integer) as records_known,
    cast(shared.records_at_risk as integer) as records_at_risk,
    shared.records_at_risk_pct,
    cast(shared.flags_agree as integer) as flags_agree,
    cast(shared.flags_differ as integer) as flags_differ,
    cast(shared.records_agree as integer) as records_agree,
    cast(shared.given_only as integer) as given_only,
    cast(shared.records_only as integer) as records_only,
    cast(shared.accompanied_known as integer) as accompanied_known,
    cast(shared.accompanied as integer) as accompanied,
    shared.accompanied_pct
from shared
left join desa on shared.desa_code = desa.desa_code
left join kecamatan on desa.kecamatan_code = kecamatan.kecamatan_code
