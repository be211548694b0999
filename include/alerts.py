"""Tells a person once what a night found: agencies that are late, deliveries held, refused or misplaced, steps that failed.

`data/alerts.jsonl` is the record: one line per thing that happened, and what stands now is what it says when it is
read from the top. A step that fails only adds a line (`note_failure`), and so does what stops no step (`note`); the last
step of the mart looks at everything, writes what is new or over, and sends what is new by the ways that are configured
(`alert_ways.py`). A way that fails is told and gets the same alerts the next night. A line has no content of a delivery and
no name of a person.
"""

import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from pathlib import Path
from typing import Any

from include import settings
from include.private import alone_in, write_private
from include.regencies import Regency
from include.visible import visible

FAILED = "failed"
# 2026-11: every agency is read once a day; what has not failed again after a day and a half is mended.
FAILURE_STANDS = timedelta(hours=36)
MOST_SIGNS = 500


@dataclass(frozen=True)
class Alert:
    """One thing a person should know. `kind`: late, held, refused, misplaced or failed; `about`: dataset, delivery, folder or step."""

    kind: str
    about: str
    text: str

    @property
    def id(self) -> str:
        """The same for the same thing on another night; a step that fails with other words is another thing."""
        said = self.text if self.kind == FAILED else ""
        return hashlib.sha256(f"{self.kind}\n{self.about}\n{said}".encode()).hexdigest()[:16]

    def __str__(self) -> str:
        return f"{self.kind}: {self.about}: {self.text}" if self.text else f"{self.kind}: {self.about}"


@dataclass
class Record:
    """What the lines say: alerts that stand, to whom each went, when a step failed last, ways that failed last."""

    standing: dict[str, Alert] = field(default_factory=dict)
    sent: dict[str, set[str]] = field(default_factory=dict)
    failures: dict[str, tuple[Alert, datetime]] = field(default_factory=dict)
    broken_ways: dict[str, str] = field(default_factory=dict)


def note_failure(context: Any, regency: Regency | None = None) -> None:
    """Airflow's callback of a step that failed for good: remember it for the last step of the regency's mart."""
    regency = regency or settings.REGENCY
    about = f"{context['ti'].dag_id}.{context['ti'].task_id}"
    alert = Alert(FAILED, about, _told(context.get("exception")))
    event = {"event": "failed", "id": alert.id, **asdict(alert)}
    try:
        _append(event, file=_record_of(regency))
    except OSError:
        # of a task whose worker died the DAG processor calls, to which compose gives no data: it leaves a note with the logs
        if (left := _left_with_logs(regency)) is None:
            raise
        _append(event, file=left)


def note(about: str, text: str) -> None:
    """Remember what failed and stopped no step, for the last step of the mart."""
    alert = Alert(FAILED, about, visible(text, MOST_SIGNS))
    _append({"event": "failed", "id": alert.id, **asdict(alert)})


def tell(found: list[Alert] | None, ways: Mapping[str, Callable[[Sequence[Alert]], None]]) -> dict[str, Any]:
    """Record what is new and what is over, send what a way has not had; return the counts.

    `found`: what stands in the working database now; None when it cannot be read, then all of that stands on.
    """
    _collect()
    now, record = datetime.now(UTC), read_record()
    failing = [
        alert for alert, at in record.failures.values() if now - at < FAILURE_STANDS and not _is_mended(alert, at)
    ]
    if found is None:
        found = [alert for alert in record.standing.values() if alert.kind != FAILED]
    current = {alert.id: alert for alert in (*found, *failing)}
    raised = [alert for id_, alert in current.items() if id_ not in record.standing]
    over = [id_ for id_ in record.standing if id_ not in current]
    _append(*({"event": "raised", "id": alert.id, **asdict(alert)} for alert in raised))
    _append(*({"event": "over", "id": id_} for id_ in over))
    told: dict[str, Any] = {"new": len(raised), "standing": len(current), "over": len(over)}
    for way, send in ways.items():
        waiting = [alert for id_, alert in current.items() if id_ not in record.sent.get(way, set())]
        if not waiting and way not in record.broken_ways:
            continue
        try:
            if waiting:
                send(waiting)
        except (OSError, ValueError, HTTPException) as error:  # a hook never fails a night
            told[way] = f"not sent: {_why(error)}"
            _append({"event": "not sent", "way": way, "text": _why(error)})
        else:
            told[way] = f"{len(waiting)} sent"
            _append({"event": "sent", "way": way, "ids": [alert.id for alert in waiting]})
    return told


def read_record() -> Record:
    """Read the lines from the top; one that a killed night left torn is passed over."""
    record = Record()
    for line in lines():
        match line["event"]:
            case "failed":
                alert = _alert(line)
                record.failures[alert.id] = alert, datetime.fromisoformat(line["at"])
            case "raised":
                record.standing[line["id"]] = _alert(line)
            case "over":
                record.standing.pop(line["id"], None)
                for ids in record.sent.values():
                    ids.discard(line["id"])
            case "sent":
                record.sent.setdefault(line["way"], set()).update(line["ids"])
                record.broken_ways.pop(line["way"], None)
            case "not sent":
                record.broken_ways[line["way"]] = line["text"]
    return record


def forget_before(moment: datetime) -> None:
    """Drop the lines older than a moment (UTC), but not what was said of an alert that stands."""
    file = _record_of(settings.REGENCY)
    if not file.exists():
        return
    with alone_in(file.parent):
        standing = read_record().standing
        all_lines = lines()
        kept = [
            line
            for line in all_lines
            if datetime.fromisoformat(line["at"]) >= moment or {line.get("id"), *line.get("ids", ())} & standing.keys()
        ]
        if len(kept) < len(all_lines):
            write_private(file, "".join(map(_line, kept)).encode())


def lines() -> list[dict[str, Any]]:
    """Return all lines of the record, oldest first."""
    return _read(_record_of(settings.REGENCY))


def _record_of(regency: Regency) -> Path:
    """Return the record of a regency: the DAG processor, which works for none, calls for each of them."""
    return settings.data_of(regency) / "alerts.jsonl"


def _left_with_logs(regency: Regency) -> Path | None:
    """Return where a failure is left by whom sees no data; None without a folder of logs that all share."""
    folder = os.environ.get("AIRFLOW__LOGGING__BASE_LOG_FOLDER")
    return Path(folder) / f"{regency.named('failures')}.jsonl" if folder else None


def _collect() -> None:
    """Take into the record what was left with the logs."""
    left = _left_with_logs(settings.REGENCY)
    if left is not None and left.exists():
        with alone_in(left.parent):
            _append(*_read(left))
            left.unlink()


def _read(file: Path) -> list[dict[str, Any]]:
    found = []
    for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else []:
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return found


def _alert(line: dict[str, Any]) -> Alert:
    return Alert(line["kind"], line["about"], line["text"])


def _append(*events: dict[str, Any], file: Path | None = None) -> None:
    if not events:
        return
    file = file or _record_of(settings.REGENCY)
    file.parent.mkdir(parents=True, exist_ok=True)
    at = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S%z}"
    text = "".join(_line({"at": at, **event}) for event in events)
    with alone_in(file.parent):  # steps of several agencies may fail at the same moment
        file.touch(mode=0o600)
        with file.open("r+", encoding="utf-8") as stream:
            stream.seek(0, 2)
            if stream.tell() and not file.read_bytes().endswith(b"\n"):  # a torn line stays by itself
                text = f"\n{text}"
            stream.write(text)


def _line(event: dict[str, Any]) -> str:
    return json.dumps(event, ensure_ascii=False) + "\n"


def _is_mended(alert: Alert, at: datetime) -> bool:
    """A failure of the mart is over with the next release."""
    if not alert.about.startswith("stunting_mart") or not settings.CURRENT.exists():
        return False
    return datetime.strptime(settings.CURRENT.resolve().name, "%Y-%m-%dT%H%M%S.%f%z") > at


def _told(error: Any) -> str:
    """Only our own errors are quoted: their sentences hold no cell. Of any other its kind is said."""
    if type(error).__module__.startswith("include."):
        return visible("; ".join(str(error).splitlines()), MOST_SIGNS)
    return "" if error is None else type(error).__name__


def _why(error: Exception) -> str:
    """Never the whole message: it may quote the address, and with it a password."""
    for name in ("code", "smtp_code", "strerror", "reason"):
        if said := getattr(error, name, None):
            return f"{type(error).__name__} {said}" if not isinstance(said, Exception) else _why(said)
    return type(error).__name__


def tell_of_night() -> dict[str, Any]:
    """The last step of a night: look at the working database and tell. An unreadable database is no reason to stop."""
    from include import warehouse  # here: the DAG files import this module, and DuckDB takes long
    from include.alert_ways import configured
    from include.problem import Problem

    try:
        with warehouse.connect(read_only=True) as con:
            found: list[Alert] | None = what_stands(con)
    except Problem:
        found = None
    return tell(found, configured())


def what_stands(con: Any) -> list[Alert]:
    """Return the late agencies, the files that no dataset takes, and the deliveries that stand held or refused."""
    from include.contract_checks import ContractError
    from include.standing import STANDING, late, misplaced, misplaced_in_bucket

    try:
        found = [Alert("late", one.dataset, str(one).removeprefix(f"{one.dataset} ")) for one in late(con)]
        found += [Alert("misplaced", one.place, one.why) for one in (*misplaced(), *misplaced_in_bucket())]
    except ContractError:  # the build has failed on it; what stood so stays so, and what came tonight is told
        found = [alert for alert in read_record().standing.values() if alert.kind in ("late", "misplaced")]
    for status, dataset, period, name, received, reason in con.execute(
        "select status, agency || '/' || dataset, coalesce(period, 'no period'), file_name, received_at::date, reason "
        f"from ({STANDING}) order by agency, dataset, period, received_at"
    ).fetchall():
        about = f"{dataset}/{period}/{visible(name)} of {received}"
        found.append(Alert(status, about, visible(reason or "", MOST_SIGNS)))
    return found
