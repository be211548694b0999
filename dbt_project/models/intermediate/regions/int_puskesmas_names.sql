with
    measurements as (select * from {{ ref("stg_dinkes__measurements") }}),

    immunisations as (select * from {{ ref("stg_dinkes__immunisations") }}),

    puskesmas as (select * from {{ ref("ref_puskesmas") }}),

    written as (
        select puskesmas_name
        from measurements
        where puskesmas_name is not null
        union
        select puskesmas_name
        from immunisations
        where puskesmas_name is not null
    ),

    matched as (
        select written.puskesmas_name, puskesmas.puskesmas_code
        from written
        left join
            puskesmas
            on {{ place_key("written.puskesmas_name") }}
            = {{ place_key("puskesmas.puskesmas_name") }}
    )

select *
from matched
