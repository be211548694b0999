-- Families of the lower deciles on the list of a programme, of all families of these
-- deciles in DTSEN: PKH for cash, BPNT for food. A family without a decile is unknown.
-- Sources: Perpres 72/2021 Lampiran B 8 and 10, whose targets are numbers of families
-- of the nation.
with
    families as (select * from {{ ref("int_family_quarters") }}),

    counted as (
        {{
            count_records(
                "pkh_miskin",
                "families",
                "decile_high is not null and has_cash_aid is not null",
                "decile_high <= " ~ indicator_parameter("pkh_miskin", "decile"),
                "has_cash_aid",
            )
        }}
        union all
        {{
            count_records(
                "bantuan_pangan",
                "families",
                "decile_high is not null and has_food_aid is not null",
                "decile_high <= " ~ indicator_parameter("bantuan_pangan", "decile"),
                "has_food_aid",
            )
        }}
    )

select {{ indicator_columns() }}
from counted
