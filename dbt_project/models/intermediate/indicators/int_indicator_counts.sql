-- All counts of all owners. A row without figures says that records were due and
-- nothing of them is known.
with
    dinkes as (select * from {{ ref("int_indicators_dinkes") }}),

    dkbp3a as (select * from {{ ref("int_indicators_dkbp3a") }}),

    dinsos as (select * from {{ ref("int_indicators_dinsos") }}),

    perkim as (select * from {{ ref("int_indicators_perkim") }}),

    pupr as (select * from {{ ref("int_indicators_pupr") }}),

    dpmd as (select * from {{ ref("int_indicators_dpmd") }}),

    dindik as (select * from {{ ref("int_indicators_dindik") }}),

    ketahanan_pangan as (select * from {{ ref("int_indicators_ketahanan_pangan") }}),

    kemenag as (select * from {{ ref("int_indicators_kemenag") }}),

    bappeda as (select * from {{ ref("int_indicators_bappeda") }}),

    counted as (
        select {{ indicator_columns() }}
        from dinkes
        union all
        select {{ indicator_columns() }}
        from bappeda
        union all
        select {{ indicator_columns() }}
        from dkbp3a
        union all
        select {{ indicator_columns() }}
        from dinsos
        union all
        select {{ indicator_columns() }}
        from perkim
        union all
        select {{ indicator_columns() }}
        from pupr
        union all
        select {{ indicator_columns() }}
        from dpmd
        union all
        select {{ indicator_columns() }}
        from dindik
        union all
        select {{ indicator_columns() }}
        from ketahanan_pangan
        union all
        select {{ indicator_columns() }}
        from kemenag
    )

select *
from counted
