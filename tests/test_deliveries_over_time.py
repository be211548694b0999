"""Late, corrected, deleted and repeated rows: the gate against the plain rule, and belief at any moment."""

from collections import Counter

import pytest
import yaml

from include.contract_checks import ContractError
from include.contract_reader import read_agencies
from tests.conftest import CONTRACTS
from tests.ordeal.sequences import STATUSES, run_cases


def test_the_gate_agrees_with_the_plain_rule_in_any_nights() -> None:
    """A few dozen of the battery's sequences; `make ordeal PART=sequences` runs hundreds."""
    fates: Counter[str] = Counter()
    run_cases(30, fates.update)
    assert set(fates) == set(STATUSES)


def test_only_a_contract_with_the_period_in_its_key_may_replace_periods(tmp_path) -> None:
    document = yaml.safe_load((CONTRACTS / "uji" / "_uji__sources.yml").read_text(encoding="utf-8"))
    meta = document["sources"][0]["tables"][0]["config"]["meta"]
    meta["replaces"] = {"scope": "period", "reason": "a test"}
    file = tmp_path / "uji" / "_uji__sources.yml"
    file.parent.mkdir()
    file.write_text(yaml.safe_dump(document), encoding="utf-8")
    with pytest.raises(ContractError, match="the key must have _period"):
        read_agencies(tmp_path)
    meta["key"] = ["nik", "_period"]
    file.write_text(yaml.safe_dump(document), encoding="utf-8")
    [agency] = read_agencies(tmp_path)
    assert [dataset.is_whole for dataset in agency.datasets] == [True, False]


def test_the_register_of_households_alone_is_sent_whole() -> None:
    whole = [dataset.table for agency in read_agencies() for dataset in agency.datasets if dataset.is_whole]
    assert whole == ["dinsos.dtsen_keluarga", "dinsos.dtsen_anggota"]
