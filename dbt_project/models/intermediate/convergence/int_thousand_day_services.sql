-- Each service of ref_services that a household of the first thousand days or one of
-- its members is due in a quarter, and whether it came: received, lacking, or unknown.
-- What is not due is left out; where it is not known whether it is due, the service is
-- unknown unless it was given.
{% set models = [
    "int_pregnancy_services",
    "int_growth_services",
    "int_immunisation_services",
    "int_facility_services",
    "int_welfare_services",
] %}
with
    judged as (
        {% for model in models %}
            {%- if not loop.first %}
                union all
            {%- endif %}
            select
                household_key,
                {% if model in ("int_facility_services", "int_welfare_services") %}
                    'household' as member_key,
                {% else %} member_key,
                {% endif %}
                quarter,
                service,
                is_due,
                is_received,
                source_as_of
            from {{ ref(model) }}
        {% endfor %}
    ),

    stated as (
        select
            *,
            case
                when is_received and coalesce(is_due, true)
                then 'received'
                when is_due and not is_received
                then 'lacking'
                else 'unknown'
            end as state
        from judged
        where coalesce(is_due, true)
    )

select *
from stated
