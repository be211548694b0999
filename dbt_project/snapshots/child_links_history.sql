-- Which child each writing meant, and since when. It cannot be rebuilt from the landed
-- files, so the night keeps a copy beside the database (include/linkage/history.py).
{% snapshot child_links_history %}
    {{
        config(
            schema="history",
            unique_key=["agency", "identity_key"],
            strategy="check",
            check_cols=["child_id", "rule"],
        )
    }}
    select agency, identity_key, child_id, rule
    from {{ ref("int_child_links") }}
{% endsnapshot %}
