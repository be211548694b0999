"""What a backfill is asked for: one sentence for what cannot be, the right deliveries for what can."""

from collections.abc import Callable
from pathlib import Path

import pytest

from include import backfill, ingest
from include.contract_reader import find_dataset

ASKED = {"agency": "dinkes", "dataset": "stbm_desa", "first_month": "2026-03", "last_month": "2026-06"}


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"agency": "dinkess"}, "There is no agency 'dinkess'; nearest: dinkes, "),
        ({"dataset": "timbang"}, "dinkes has no dataset 'timbang'; nearest: penimbangan."),
        ({"first_month": "2026-13"}, "'2026-13' is no month; write one as 2026-03."),
        ({"last_month": ""}, "'' is no month; write one as 2026-03."),
        ({"first_month": "2026-07"}, "first_month 2026-07 is after last_month 2026-06."),
        ({}, "Nothing of dinkes/stbm_desa was delivered for 2026-03 to 2026-06."),
        ({"dataset": ""}, "Nothing of dinkes was delivered for 2026-03 to 2026-06."),
    ],
)
def test_what_cannot_be_is_said_in_one_sentence(data: Path, changed: dict[str, str], sentence: str) -> None:
    with pytest.raises(backfill.BackfillRefused) as refused:
        backfill.read_request(ASKED | changed)
    assert str(refused.value).startswith(sentence)
    assert "\n" not in str(refused.value)


def test_a_quarter_or_year_that_shares_a_month_is_read_again(data: Path, put: Callable[..., Path]) -> None:
    desa, houses = find_dataset("dinkes", "stbm_desa"), find_dataset("perkim", "rtlh_rumah")
    for number, period in enumerate(["2025-Q4", "2026-Q1", "2026-Q2", "2026-Q3"]):
        put(desa, period, "a.csv", number, period)
    put(houses, "x", "a.csv", 0, "2026")
    for dataset in (desa, houses):
        ingest.receive(dataset)
    [(_, chosen)] = backfill.read_request(ASKED).chosen
    assert [delivery.period for delivery in chosen] == ["2026-Q1", "2026-Q2"]
    [(dataset, _)] = backfill.read_request(ASKED | {"agency": "perkim", "dataset": ""}).chosen
    assert dataset == houses
