-- Grown-ups and youths on a family card, once per way an agency writes them.
with
    persons as (select * from {{ ref("int_persons") }}),

    adults as (
        select agency, no_kk, nik, person_name, sex, born_on, max(as_of) as last_as_of
        from persons
        where no_kk is not null and {{ dbt.datediff("born_on", "as_of", "year") }} >= 15
        group by agency, no_kk, nik, person_name, sex, born_on
    )

select *
from adults
