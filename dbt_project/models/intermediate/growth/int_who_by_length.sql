-- WHO Child Growth Standards: weight-for-length (lying) and weight-for-height
-- (standing), each row with its step to the next, so that interpolating between two
-- rows needs no second join.
with
    weight_for_length as (select * from {{ ref("who2006_wfl") }}),

    weight_for_height as (select * from {{ ref("who2006_wfh") }}),

    both_tables as (
        select 'l' as who_table, sex, length_mm, l, m, s
        from weight_for_length
        union all
        select 'h' as who_table, sex, length_mm, l, m, s
        from weight_for_height
    ),

    with_next_row as (
        select
            *,
            lead(m) over (partition by who_table, sex order by length_mm) as next_m,
            lead(s) over (partition by who_table, sex order by length_mm) as next_s
        from both_tables
    ),

    by_length as (
        select
            {{ who_length_key("who_table = 'l'", "sex", "length_mm") }}
            as who_length_key,
            who_table,
            sex as sex_code,
            length_mm,
            l,
            m,
            s,
            -- the last row is used only for its own length, never between two rows
            coalesce(next_m - m, 0) as m_step,
            coalesce(next_s - s, 0) as s_step
        from with_next_row
    )

select *
from by_length
