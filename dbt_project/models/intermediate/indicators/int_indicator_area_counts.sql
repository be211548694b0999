-- The counts of the four tiers. A puskesmas is that of the desa (ref_puskesmas_desa),
-- also for children: where a child is weighed is in stunting_by_puskesmas. A figure is
-- the sum of the parts that are known; how many are, the records say.
with
    counts as (select * from {{ ref("int_indicator_counts") }}),

    puskesmas_desa as (select * from {{ ref("ref_puskesmas_desa") }}),

    kabupaten as (select * from {{ ref("ref_kabupaten") }}),

    placed as (
        select
            counts.*,
            coalesce(puskesmas_desa.puskesmas_code, 'unknown') as puskesmas_code,
            kabupaten.kabupaten_code
        from counts
        cross join kabupaten
        left join puskesmas_desa on counts.desa_code = puskesmas_desa.desa_code
    ),

    tiers as (
        {% for level in ["desa", "kecamatan", "puskesmas", "kabupaten"] %}
            {%- if not loop.first %}
                union all
            {%- endif %}
            select
                indicator_id,
                '{{ level }}' as area_level,
                {{ level }}_code as area_code,
                quarter,
                numerator,
                denominator,
                records_known,
                records_due,
                source_as_of
            from placed
        {% endfor %}
    ),

    rolled as (
        select
            indicator_id,
            area_level,
            area_code,
            quarter,
            cast(sum(numerator) as bigint) as numerator,
            cast(sum(denominator) as bigint) as denominator,
            cast(sum(records_known) as bigint) as records_known,
            cast(sum(records_due) as bigint) as records_due,
            min(source_as_of) as source_as_of
        from tiers
        group by indicator_id, area_level, area_code, quarter
    )

select *
from rolled
