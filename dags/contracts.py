"""Makes no DAG: while a contract cannot be read, Airflow's page shows it as this file's import error; the other DAGs run."""

from include.contract_reader import read_agencies

read_agencies()
