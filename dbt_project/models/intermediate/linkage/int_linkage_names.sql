-- Each name of a child or parent once, in one spelling: most are written many times.
with
    children as (select * from {{ ref("int_child_records") }}),

    written as (
        select child_name as name
        from children
        where not {{ is_unnamed("child_name") }}
        union
        select {{ mother_called("child_name") }} as name
        from children
        where {{ is_unnamed("child_name") }}
        union
        select {{ parent_part("parent_names", 1) }} as name
        from children
        union
        select {{ parent_part("parent_names", 2) }} as name
        from children
    )

select name, {{ name_key("name") }} as name_key
from written
where name is not null
