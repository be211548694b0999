"""Great Expectations on pandas: the contract's rules as its own expectations, or as a column that must be true."""

import logging
from typing import Any

import duckdb
import pandas as pd

from include import places
from include.contract import Dataset, Rule
from include.words import all_rules

_OWN = ("not_null", "accepted_values", "in_range", "matches")


def validate(frame: pd.DataFrame, dataset: Dataset) -> dict[str, list[int]]:
    """Return per rule the index of the rows that break it, as Great Expectations lists them.

    `whole_row` is not asked: pandas has no row whose cells do not fit the header.
    """
    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    import great_expectations as gx
    import great_expectations.expectations as gxe

    rules = [rule for rule in all_rules(dataset) if rule.word != "whole_row"]
    made = {f"is {rule.name}": _holds(rule, frame, dataset) for rule in rules if rule.word not in _OWN}
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    suite = context.suites.add(gx.ExpectationSuite(name=dataset.table))
    for rule in rules:
        suite.add_expectation(_expectation(rule, gxe))
    batch = context.data_sources.add_pandas("pandas").add_dataframe_asset(dataset.name)
    checked = frame.assign(**made, _index=frame.index)
    result = (
        batch.add_batch_definition_whole_dataframe("all")
        .get_batch({"dataframe": checked})
        .validate(suite, result_format={"result_format": "COMPLETE", "unexpected_index_column_names": ["_index"]})
    )
    return {
        one.expectation_config.meta["rule"]: [bad["_index"] for bad in one.result.get("unexpected_index_list") or []]
        for one in result.results
    }


def _expectation(rule: Rule, gxe: Any) -> Any:
    told = {"meta": {"rule": rule.name}, "column": rule.column}
    if rule.word == "not_null":
        return gxe.ExpectColumnValuesToNotBeNull(**told)
    if rule.word == "accepted_values":
        return gxe.ExpectColumnValuesToBeInSet(value_set=rule.arguments["values"], **told)
    if rule.word == "in_range":
        return gxe.ExpectColumnValuesToBeBetween(
            min_value=rule.arguments["min"], max_value=rule.arguments["max"], **told
        )
    if rule.word == "matches":
        return gxe.ExpectColumnValuesToMatchRegex(regex=rule.arguments["pattern"], **told)
    return gxe.ExpectColumnValuesToBeInSet(value_set=[True], **told | {"column": f"is {rule.name}"})


def _holds(rule: Rule, frame: pd.DataFrame, dataset: Dataset) -> pd.Series:
    """Return per row whether it keeps a rule for which Great Expectations has no word."""
    values, word = frame[rule.column], rule.word
    if word == "readable":
        return ~frame["_unreadable"].str.split().map(lambda names: rule.column in names)
    if word == "unique":
        return ~(values.notna() & frame.duplicated(["_delivery_id", rule.column], keep=False))
    if word == "not_in_future":
        day = (pd.to_datetime(frame["_received_at"]) + pd.Timedelta(hours=7)).dt.normalize()
        return ~(values > day)
    if word == "not_above":
        return ~(values > frame[rule.arguments["column"]])
    if word == "once_per":
        columns = rule.arguments["columns"]
        content = pd.util.hash_pandas_object(frame[[column.name for column in dataset.columns]], index=False)
        told = content.groupby([frame["_delivery_id"], *(frame[name] for name in columns)]).transform("nunique")
        return ~(told > 1)
    if word == "relationships":
        seed = pd.read_csv(places.seed_file(rule.seed), dtype=str)
        return values.isna() | values.isin(seed[rule.arguments["field"]].dropna())
    return ~_is_unknown(rule, frame)


def _is_unknown(rule: Rule, frame: pd.DataFrame) -> pd.Series:
    """Compare each distinct place once, by the same SQL as ours: how a name is compared is no matter of design."""
    columns = [rule.arguments["kecamatan"], rule.column] if rule.word == "known_desa" else [rule.column]
    named = frame[columns].drop_duplicates()  # noqa: F841  DuckDB finds it by its name
    unknown = {
        "known_desa": lambda: places.is_unknown_desa(columns[0], rule.column, "named"),
        "known_kecamatan": lambda: places.is_unknown_kecamatan(rule.column),
        "known_desa_code": lambda: places.is_unknown_code(rule.column),
    }[rule.word]()
    bad = duckdb.connect().execute(f"select {', '.join(columns)} from named where {unknown}").fetchall()
    keys = frame[columns].astype(object).apply(tuple, axis=1)
    return keys.isin(set(bad))
