with
    pregnancies as (
        select * from {{ source("dinkes", "ibu_hamil") }} where {{ is_believed() }}
    ),

    coded as (
        select
            -- ids: one pregnancy over the quarters
            {{
                content_key(
                    [
                        "mother_name",
                        "mother_born_on",
                        "last_menstruation_on",
                        "kecamatan_name",
                        "desa_name",
                    ]
                )
            }} as pregnancy_key,
            mother_nik,
            no_kk,
            mother_name,
            mother_born_on,
            husband_name,

            -- places, as written
            kecamatan_name,
            desa_name,
            puskesmas_name,

            -- measures
            antenatal_visits,
            iron_tablets,
            muac_cm,
            haemoglobin,
            mother_height_cm,

            -- flags
            {{ is_ya("extra_food") }} as is_given_extra_food,
            {{ is_ya("postpartum_contraception") }} as is_using_contraception,

            -- dates
            last_menstruation_on,
            delivered_on,
            {{ period_end("_period") }} as as_of,

            -- lineage
            _delivery_id as delivery_id,
            _row as delivery_row,
            _received_at as received_at
        from pregnancies
    )

select *
from coded
