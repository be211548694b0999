"""The design that everybody writes first, over the same deliveries, contracts, rules and dbt models as ours.

pandas reads the files, Great Expectations judges on pandas, and one Airflow task per dbt model starts `dbt run` for it
alone. It stands here to be measured. What it leaves out counts for it: no archive, no receipt, no encryption, no
confined reader, no workbook that goes back, no pseudonyms, no protected public zone, no site, no prints.
"""
