with
    measurements as (
        select * from {{ source("dinkes", "penimbangan") }} where {{ is_believed() }}
    ),

    coded as (
        select
            -- ids
            {{ identity_key("dinkes", "penimbangan") }} as identity_key,
            -- the mother's NIK on a child is set aside
            case
                when {{ is_own_nik("child_nik", "born_on") }} then child_nik
            end as child_nik,
            family_no_kk,
            child_name,
            parent_names,
            left(upper(sex), 1) as sex,

            -- places, as written
            kecamatan_name,
            desa_name,
            puskesmas_name,
            posyandu_name,

            -- measures some export grams: no baby weighs 20 kg
            birth_weight_kg
            / case when birth_weight_kg > 20 then 1000 else 1 end as birth_weight_kg,
            weight_kg,
            height_cm,
            case
                lower(position)
                when 'terlentang'
                then 'lying'
                when 'berdiri'
                then 'standing'
            end as position,
            -- some posyandu write mm: no child's arm is 40 cm round
            muac_cm / case when muac_cm > 40 then 10 else 1 end as muac_cm,
            head_cm,

            -- flags
            child_nik is null as is_nik_missing,
            -- masked on export, or cut by a spreadsheet
            coalesce(array_contains(_lost, 'child_nik'), false) as is_nik_lost,
            case
                when lower(oedema) = 'tidak'
                then false
                when oedema is not null
                then true
            end as has_oedema,

            -- dates
            born_on,
            measured_on,
            {{ month_of(period_end("_period")) }} as delivered_for_month,

            -- lineage
            _delivery_id as delivery_id,
            _row as delivery_row,
            _received_at as received_at
        from measurements
    )

select *
from coded
