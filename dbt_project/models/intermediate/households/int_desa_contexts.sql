-- What is known of a desa as a whole. It stands beside a child, it is never written
-- onto a household. A desa in two spellings on one day is one desa: the latest word
-- counts.
with
    months as (select * from {{ ref("int_months") }}),

    desa as (select desa_code from {{ ref("ref_desa") }}),

    desa_names as (select * from {{ ref("int_desa_names") }}),

    sanitation as (select * from {{ ref("stg_dinkes__desa_sanitation") }}),

    water as (select * from {{ ref("stg_pupr__desa_water") }}),

    reported as (
        select
            desa_names.desa_code,
            sanitation.reported_on as as_of,
            100e0
            * sanitation.open_defecation_families
            / nullif(sanitation.families, 0) as open_defecation_pct,
            row_number() over (
                partition by desa_names.desa_code, sanitation.reported_on
                order by
                    sanitation.received_at desc nulls last,
                    sanitation.delivery_id desc nulls last,
                    sanitation.delivery_row desc nulls last
            ) as rank_of_day
        from sanitation
        inner join desa_names using (kecamatan_name, desa_name)
        -- a report that leaves the figure out says nothing: the one before it stands
        where sanitation.open_defecation_families is not null
    ),

    supplied as (
        select
            desa_names.desa_code,
            water.counted_on as as_of,
            100e0
            * water.improved_water_families
            / nullif(water.families, 0) as improved_water_pct,
            row_number() over (
                partition by desa_names.desa_code, water.counted_on
                order by
                    water.received_at desc nulls last,
                    water.delivery_id desc nulls last,
                    water.delivery_row desc nulls last
            ) as rank_of_day
        from water
        inner join desa_names using (kecamatan_name, desa_name)
    ),

    latest_sanitation as (
        select
            reported.desa_code,
            months.month,
            max(reported.as_of) as open_defecation_as_of,
            max_by(reported.open_defecation_pct, reported.as_of) filter (
                where reported.open_defecation_pct is not null
            ) as open_defecation_pct
        from months
        inner join reported on reported.as_of <= months.month_end_on
        where reported.rank_of_day = 1
        group by reported.desa_code, months.month
    ),

    latest_water as (
        select
            supplied.desa_code,
            months.month,
            max(supplied.as_of) as improved_water_as_of,
            max_by(supplied.improved_water_pct, supplied.as_of) filter (
                where supplied.improved_water_pct is not null
            ) as improved_water_pct
        from months
        inner join supplied on supplied.as_of <= months.month_end_on
        where supplied.rank_of_day = 1
        group by supplied.desa_code, months.month
    ),

    joined as (
        select
            desa.desa_code,
            months.month,
            latest_sanitation.open_defecation_pct,
            latest_sanitation.open_defecation_as_of,
            latest_water.improved_water_pct,
            latest_water.improved_water_as_of
        from desa
        cross join months
        left join latest_sanitation using (desa_code, month)
        left join latest_water using (desa_code, month)
    )

select *
from joined
