-- For next year's choice of desa (lokus): a group and not a rank, as the intervals of
-- neighbours overlap. How a desa comes into its group: int_desa_criteria_summed. The
-- last group is given only where enough is known.
with
    desa as (select * from {{ ref("int_desa_children_counted") }}),

    summed as (select * from {{ ref("int_desa_criteria_summed") }}),

    gathered as (select * from {{ ref("int_desa_measures_gathered") }}),

    groups as (select * from {{ ref("ref_priority_groups") }}),

    names as (select * from {{ ref("ref_desa") }}),

    kecamatan as (select * from {{ ref("ref_kecamatan") }}),

    measures as (
        select
            desa_code,
            max(value) filter (where measure = 'estimate_pct') as estimate_pct,
            max(low) filter (where measure = 'estimate_pct') as low_pct,
            max(high) filter (where measure = 'estimate_pct') as high_pct,
            max(value) filter (
                where measure = 'open_defecation_pct'
            ) as open_defecation_pct,
            100 - max(value) filter (
                where measure = 'unimproved_water_pct'
            ) as improved_water_pct,
            max(value) filter (where measure = 'food_class') as food_class,
            max(value) filter (where measure = 'krs_pct') as krs_pct,
            max(low) filter (where measure = 'converged_pct') as converged_low_pct,
            max(high) filter (where measure = 'converged_pct') as converged_high_pct
        from gathered
        group by desa_code
    ),

    joined as (
        select
            -- ids
            desa.desa_code,
            names.desa_name,
            names.kecamatan_code,
            kecamatan.kecamatan_name,
            desa.month,

            -- the group
            case
                when
                    summed.is_thin
                    and summed.group_no = (select max(group_no) from groups)
                then 'data belum cukup'
                else own.priority_group
            end as priority_group,
            possible.priority_group as possible_group,
            summed.reasons,
            summed.undecided,
            summed.unknowns,
            cast(summed.points as integer) as points,
            cast(summed.criteria_met as integer) as criteria_met,
            cast(summed.criteria_known as integer) as criteria_known,

            -- figures
            measures.estimate_pct,
            measures.low_pct,
            measures.high_pct,
            desa.due,
            desa.measured,
            desa.due - desa.measured as not_measured,
            100.0 * desa.measured / desa.due as coverage_pct,
            desa.height_valid,
            desa.stunted,
            desa.high_risk,
            measures.open_defecation_pct,
            measures.improved_water_pct,
            cast(measures.food_class as integer) as food_class,
            measures.krs_pct,
            measures.converged_low_pct,
            measures.converged_high_pct,
            least(
                desa.oldest_input_as_of, summed.oldest_input_as_of
            ) as oldest_input_as_of
        from desa
        inner join summed on desa.desa_code = summed.desa_code
        inner join names on desa.desa_code = names.desa_code
        inner join kecamatan on names.kecamatan_code = kecamatan.kecamatan_code
        left join measures on desa.desa_code = measures.desa_code
        left join groups as own on summed.group_no = own.group_no
        left join groups as possible on summed.possible_group_no = possible.group_no
    )

select *
from joined
