"""The named points of a night at which it is killed. A point that no night passes is an error of this list."""

from dataclasses import dataclass, field
from typing import Any

from tests.ordeal.stage import Watch, at_line


@dataclass(frozen=True)
class Point:
    """Where a night is killed: at a seam inside of it, or from outside when a line is printed."""

    name: str
    seam: dict[str, Any] = field(default_factory=dict)
    line: str = ""

    def watch(self) -> Watch | None:
        return at_line(self.line) if self.line else None


def _call(name: str, target: str, moment: str, nth: int = 1) -> Point:
    return Point(name, {"kind": "call", "target": target, "moment": moment, "nth": nth})


def _sql(name: str, pattern: str, moment: str, nth: int = 1) -> Point:
    return Point(name, {"kind": "sql", "target": pattern, "moment": moment, "nth": nth})


def _file(name: str, pattern: str, nth: int = 1, action: str = "kill") -> Point:
    return Point(name, {"kind": "file", "target": pattern, "nth": nth, "action": action})


NAMED = [
    _call("receive, before the file is hashed", "include.archive:describe", "before", 2),
    _call("receive, after hashing, before the archive", "include.archive:describe", "after", 2),
    _file("receive, bytes half written", r"^os.rename \S*archive/\S+\.part \S+/[0-9a-f]{64}$", action="tear"),
    _file("receive, bytes written, not yet named", r"^os.rename \S*archive/\S+\.part \S+/[0-9a-f]{64}$", 2),
    _file("receive, between bytes and receipt", r"^os.rename \S*archive/\S+ \S+\.json$"),
    _file("receive, receipt half written", r"^os.rename \S*archive/\S+ \S+\.json$", 2, "tear"),
    _file("receive, receipt written, before the file leaves the inbox", r"^os.remove \S*landing/"),
    _call("receive, archived, before the database knows", "include.archive:archive_new", "after", 4),
    _sql("load, transaction begun", r"^begin$", "after", 1),
    _sql("load, raw rows in, typed not", r"insert into raw\.dinkes__penimbangan", "after"),
    _sql("load, typed rows in, no record", r"insert into disdukcapil\.anak\b", "after"),
    _sql("load, before commit", r"^commit$", "before", 1),
    _sql("load, after commit", r"^commit$", "after", 1),
    _call("gate, before the bad rows are found", "include.gate:find_failures", "before"),
    _sql("gate, bad rows written, reasons not", r"insert into audit\.quarantine", "after"),
    _call("gate, between find and Great Expectations", "include.gate:find_failures", "after"),
    _call("gate, between Great Expectations and store", "include.validate:validate", "after", 2),
    _call("gate, between store and settle", "include.gate:settle", "before"),
    _sql(
        "gate, statuses written, not counted", r"^update (\w+\.)?penimbangan|update dinkes\.penimbangan as t", "after"
    ),
    _call("gate, settled, before the lists go back", "include.gate:settle", "after"),
    _file("returns, before a list is written", r"^open \S*returns/\S+", 2),
    _call("returns, after the lists", "include.returns:write_returns", "after", 2),
    Point("dbt, at its start", line=r"Running with dbt"),
    Point("dbt, in the seeds", line=r"OK loaded seed file seeds\.ref_desa "),
    Point("dbt, in staging", line=r"OK created sql view model staging\.stg_dinkes__measurements"),
    Point("dbt, in the links", line=r"START sql table model intermediate\.int_linkage_pairs\b"),
    Point("dbt, in the history of links", line=r"START snapshot history"),
    Point("dbt, in the tests", line=r"\n\S+ +\d+ of \d+ PASS .*int_"),
    Point("dbt, at the last models", line=r"OK created sql table model marts\.stunting_by_desa"),
    _call("audit, before", "include.audit:audit_build", "before"),
    _call("audit, after", "include.audit:audit_build", "after"),
    _sql("publish, release database with half of the marts", r"create table published\.\w+ as", "after", 12),
    _sql("publish, release database written", r"detach published", "after"),
    _call("publish, public zone written", "include.disclosure.tables:write_public", "after"),
    _file("publish, before the history is kept", r"^os.rename \S*linkage/\S*history"),
    _call("publish, after the history", "include.linkage.history:save_history", "after"),
    _sql("publish, parquet half written", r"^copy \w+ to", "after", 14),
    _file("publish, before the manifest", r"^open \S*manifest\.json w"),
    _file("publish, before the folder gets its name", r"^os.rename \S*releases/\.\S+ \S*releases/2"),
    _file("publish, folder named, before the link", r"^os.symlink "),
    _file("publish, link made, before the switch", r"^os.rename \S*\.current\.next "),
    _call("publish, after the switch", "include.release:switch_current", "after"),
]
