-- All counts of all owners. A row without figures says that records were due and
-- nothing of them is known.
{% set owners = [
    "bappeda",
    "dindik",
    "dinkes",
    "dinsos",
    "dkbp3a",
    "dpmd",
    "kemenag",
    "ketahanan_pangan",
    "perkim",
    "pupr",
] %}
{% for owner in owners %}
    {%- if not loop.first %}
        union all
    {%- endif %}
    select {{ indicator_columns() }}
    from {{ ref("int_indicators_" ~ owner) }}
{% endfor %}
