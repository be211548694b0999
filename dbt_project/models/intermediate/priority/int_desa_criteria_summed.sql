-- The criteria of a desa added up, and the groups of ref_priority_groups that it may be
-- in: the first that the criteria that hold give it, and the first that it could be in
-- if all that is open held. A group wants points, and a prevalence that holds or is at
-- least not excluded.
with
    criteria as (select * from {{ ref("int_desa_criteria_judged") }}),

    groups as (select * from {{ ref("ref_priority_groups") }}),

    summed as (
        select
            desa_code,
            coalesce(sum(weight) filter (where state = 'holds'), 0) as points,
            coalesce(sum(weight) filter (where state <> 'fails'), 0) as most_points,
            count(*) filter (where state = 'holds') as criteria_met,
            count(value) as criteria_known,
            count(*) as criteria,
            max(state) filter (where measure = 'estimate_pct') as prevalence_state,
            {{ joined("reason", "; ", "weight desc, criterion") }} as reasons,
            {{ joined("label", "; ", "weight desc, criterion") }} filter (
                where state = 'undecided'
            ) as undecided,
            {{ joined("label", "; ", "weight desc, criterion") }} filter (
                where state = 'unknown'
            ) as unknowns,
            min(source_as_of) as oldest_input_as_of
        from criteria
        group by desa_code
    ),

    grouped as (
        select
            summed.desa_code,
            min(groups.group_no) filter (
                where
                    summed.points >= groups.min_points
                    and (
                        groups.prevalence = 'any'
                        or summed.prevalence_state = 'holds'
                        or (
                            groups.prevalence = 'not excluded'
                            and summed.prevalence_state <> 'fails'
                        )
                    )
            ) as group_no,
            min(groups.group_no) filter (
                where
                    summed.most_points >= groups.min_points
                    and (
                        groups.prevalence = 'any' or summed.prevalence_state <> 'fails'
                    )
            ) as possible_group_no
        from summed
        cross join groups
        group by summed.desa_code
    ),

    joined as (
        select
            summed.*,
            grouped.group_no,
            grouped.possible_group_no,
            -- too little is known to call it the last
            summed.prevalence_state = 'unknown'
            or 2 * summed.criteria_known < summed.criteria as is_thin
        from summed
        inner join grouped on summed.desa_code = grouped.desa_code
    )

select *
from joined
