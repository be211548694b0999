-- Convergence: households with a pregnant woman or a child of 0 to 23 months that
-- received every service due to them (ref_services). What is unknown is neither: the
-- share lies between two ends, unknown taken as lacking and as received.
with
    areas as (select * from {{ ref("int_convergence_areas") }}),

    gaps as (select * from {{ ref("int_convergence_gaps") }}),

    services as (select * from {{ ref("ref_services") }}),

    counted as (
        select
            area_level,
            area_code,
            area_name,
            quarter,
            count(*) as households,
            sum(pregnant_women) as pregnant_women,
            sum(children_under_two) as children_under_two,
            count(*) filter (where is_converged) as all_services,
            count(*) filter (where not is_converged) as some_lacking,
            count(*) filter (where is_converged is null) as not_known,
            min(source_as_of) as oldest_source_as_of
        from areas
        group by area_level, area_code, area_name, quarter
    ),

    ranked as (
        select
            gaps.*,
            services.service_indonesian,
            services.agency,
            row_number() over (
                partition by gaps.area_level, gaps.area_code, gaps.quarter
                order by gaps.households_lacking desc, services.service nulls last
            ) as lacking_place,
            row_number() over (
                partition by gaps.area_level, gaps.area_code, gaps.quarter
                order by gaps.households_unknown desc, services.service nulls last
            ) as unknown_place
        from gaps
        inner join services using (service)
    ),

    gap_words as (
        select
            area_level,
            area_code,
            quarter,
            max(service_indonesian) filter (
                where lacking_place = 1 and households_lacking > 0
            ) as most_lacking_service,
            max(agency) filter (
                where lacking_place = 1 and households_lacking > 0
            ) as most_lacking_agency,
            max(households_lacking) as most_lacking_households,
            max(service_indonesian) filter (
                where unknown_place = 1 and households_unknown > 0
            ) as most_unknown_service,
            max(agency) filter (
                where unknown_place = 1 and households_unknown > 0
            ) as most_unknown_agency,
            max(households_unknown) as most_unknown_households
        from ranked
        group by area_level, area_code, quarter
    )

select
    counted.area_level,
    counted.area_code,
    counted.area_name,
    counted.quarter,
    cast(counted.households as integer) as households,
    cast(counted.pregnant_women as integer) as pregnant_women,
    cast(counted.children_under_two as integer) as children_under_two,
    cast(counted.all_services as integer) as all_services,
    cast(counted.some_lacking as integer) as some_lacking,
    cast(counted.not_known as integer) as not_known,
    100.0 * counted.all_services / counted.households as converged_low_pct,
    100.0
    * (counted.all_services + counted.not_known)
    / counted.households as converged_high_pct,
    gap_words.most_lacking_service,
    gap_words.most_lacking_agency,
    cast(gap_words.most_lacking_households as integer) as most_lacking_households,
    gap_words.most_unknown_service,
    gap_words.most_unknown_agency,
    cast(gap_words.most_unknown_households as integer) as most_unknown_households,
    counted.oldest_source_as_of
from counted
inner join gap_words using (area_level, area_code, quarter)
