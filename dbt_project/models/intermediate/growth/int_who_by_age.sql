-- WHO Child Growth Standards: the five tables by age side by side, so that one join
-- finds everything for a child of that sex and day.
with
    length_for_age as (select * from {{ ref("who2006_lhfa") }}),

    weight_for_age as (select * from {{ ref("who2006_wfa") }}),

    bmi_for_age as (select * from {{ ref("who2006_bmifa") }}),

    head_for_age as (select * from {{ ref("who2006_hcfa") }}),

    arm_for_age as (select * from {{ ref("who2006_acfa") }}),

    by_age as (
        select
            {{ who_age_key("length_for_age.sex", "length_for_age.age_days") }}
            as who_age_key,
            length_for_age.sex as sex_code,
            length_for_age.age_days as age_in_whole_days,
            length_for_age.l as lhfa_l,
            length_for_age.m as lhfa_m,
            length_for_age.s as lhfa_s,
            weight_for_age.l as wfa_l,
            weight_for_age.m as wfa_m,
            weight_for_age.s as wfa_s,
            bmi_for_age.l as bmifa_l,
            bmi_for_age.m as bmifa_m,
            bmi_for_age.s as bmifa_s,
            head_for_age.l as hcfa_l,
            head_for_age.m as hcfa_m,
            head_for_age.s as hcfa_s,
            arm_for_age.l as acfa_l,
            arm_for_age.m as acfa_m,
            arm_for_age.s as acfa_s
        from length_for_age
        inner join
            weight_for_age
            on length_for_age.sex = weight_for_age.sex
            and length_for_age.age_days = weight_for_age.age_days
        inner join
            bmi_for_age
            on length_for_age.sex = bmi_for_age.sex
            and length_for_age.age_days = bmi_for_age.age_days
        inner join
            head_for_age
            on length_for_age.sex = head_for_age.sex
            and length_for_age.age_days = head_for_age.age_days
        -- the arm standard begins only at day 91
        left join
            arm_for_age
            on length_for_age.sex = arm_for_age.sex
            and length_for_age.age_days = arm_for_age.age_days
    )

select *
from by_age
