-- Whose family card is sought: the wife of each family of BKKBN, whose kode_keluarga is
-- no number of a card, and each pregnant woman. One rule serves both
-- (int_woman_cards), on the writing and not on the row: most rows come again each
-- quarter.
{% set writing = [
    "nik",
    "no_kk",
    "woman_name",
    "husband_name",
    "born_on",
    "kecamatan_name",
    "desa_name",
] %}
with
    families as (select * from {{ ref("stg_dkbp3a__families_at_risk") }}),

    pregnancies as (select * from {{ ref("stg_dinkes__pregnancies") }}),

    seeking as (
        select
            'family' as kind,
            family_code as seeker,
            as_of,
            wife_nik as nik,
            no_kk,
            wife_name as woman_name,
            husband_name,
            cast(null as date) as born_on,
            kecamatan_name,
            desa_name
        from families
        union all
        select
            'pregnancy' as kind,
            pregnancy_key as seeker,
            as_of,
            mother_nik as nik,
            no_kk,
            mother_name as woman_name,
            husband_name,
            mother_born_on as born_on,
            kecamatan_name,
            desa_name
        from pregnancies
    )

select *, {{ content_key(writing) }} as writing_key
from seeking
