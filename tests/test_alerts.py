"""What is told of a night: once, by whom it can be, with nothing of a delivery in it."""

import json
import multiprocessing
import smtplib
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_string
from email.policy import default
from http.server import BaseHTTPRequestHandler, HTTPServer
from multiprocessing.synchronize import Barrier
from pathlib import Path
from types import SimpleNamespace
from typing import ClassVar

import pytest

from include import alert_ways, alerts, settings, warehouse
from include.alerts import Alert, tell
from include.audit import AuditFailed
from include.contract import Agency, Dataset
from include.contract_checks import ContractError
from include.standing import late, misplaced

LATE = Alert("late", "dinkes/penimbangan", "came 41 days ago, it is due every 40")
HELD = Alert("held", "dinkes/penimbangan/2026-06/a.csv of 2026-06-30", "278 of 1,845 rows are bad, the limit is 5%")


def fail(error: BaseException, step: str = "audit", dag: str = "stunting_mart") -> None:
    alerts.note_failure({"ti": SimpleNamespace(dag_id=dag, task_id=step), "exception": error})


def test_each_alert_is_told_once_until_it_is_over(data: Path) -> None:
    sent: list[list[str]] = []
    ways = {"test": lambda found: sent.append([alert.kind for alert in found])}
    assert tell([LATE, HELD], ways)["new"] == 2
    later = Alert("late", LATE.about, "came 42 days ago, it is due every 40")  # a day more is no news
    assert tell([later, HELD], ways) == {"new": 0, "standing": 2, "over": 0}
    assert tell([HELD], ways) == {"new": 0, "standing": 1, "over": 1}
    assert tell([LATE, HELD], ways)["new"] == 1
    assert sent == [["late", "held"], ["late"]]


def test_the_record_is_one_file_for_its_owner_only(data: Path) -> None:
    tell([LATE], {})
    file = data / "alerts.jsonl"
    assert file.stat().st_mode & 0o777 == 0o600
    [line] = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert line.pop("at").endswith("+0000")
    assert line == {"event": "raised", "id": LATE.id, "kind": "late", "about": LATE.about, "text": LATE.text}


def test_a_step_whose_worker_died_is_told_by_who_sees_no_data(
    data: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Airflow's DAG processor calls then, to which docker-compose.yml gives the logs alone."""
    logs = tmp_path_factory.mktemp("logs")
    with monkeypatch.context() as processor:
        processor.setattr(settings, "INSTALLATION", Path("/dev/null/not_mounted"))
        with pytest.raises(NotADirectoryError):  # nowhere to leave it: said in the processor's own log
            alerts.note_failure({"ti": SimpleNamespace(dag_id="ingest_dinkes", task_id="penimbangan.load")})
        processor.setenv("AIRFLOW__LOGGING__BASE_LOG_FOLDER", str(logs))
        alerts.note_failure({"ti": SimpleNamespace(dag_id="ingest_dinkes", task_id="penimbangan.load")})
    monkeypatch.setenv("AIRFLOW__LOGGING__BASE_LOG_FOLDER", str(logs))
    [left] = logs.iterdir()
    assert left.stat().st_mode & 0o777 == 0o600
    sent: list[Alert] = []
    assert tell([], {"test": sent.extend})["new"] == 1
    assert [str(alert) for alert in sent] == ["failed: ingest_dinkes.penimbangan.load"]
    assert list(logs.iterdir()) == []
    assert tell([], {"test": sent.extend})["new"] == 0


def test_a_way_that_fails_is_told_and_gets_the_same_the_next_night(data: Path) -> None:
    def broken(found: object) -> None:
        raise ConnectionRefusedError(111, "Connection refused")

    assert tell([LATE], {"e-mail": broken})["e-mail"] == "not sent: ConnectionRefusedError Connection refused"
    assert alerts.read_record().broken_ways == {"e-mail": "ConnectionRefusedError Connection refused"}
    sent: list[Alert] = []
    assert tell([LATE], {"e-mail": sent.extend})["e-mail"] == "1 sent"
    assert sent == [LATE]
    assert alerts.read_record().broken_ways == {}


def test_a_failed_step_is_told_with_our_own_words_only(data: Path) -> None:
    fail(AuditFailed("stunting_by_desa: 41 rows in the last release, 20 now\nand more"))
    fail(ValueError("SITI AMINAH 3604050502210001"), "penimbangan.gate", "ingest_dinkes")
    assert tell([], {})["new"] == 2
    text = (data / "alerts.jsonl").read_text(encoding="utf-8")
    assert "stunting_by_desa: 41 rows in the last release, 20 now; and more" in text
    assert "SITI" not in text
    assert "ValueError" in text


def test_a_failure_is_told_once_while_it_comes_again_and_ends_when_it_does_not(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        fail(AuditFailed("the same"))
        told = tell([], {})
    assert (told["new"], told["standing"]) == (0, 1)
    fail(AuditFailed("another"))
    assert tell([], {})["new"] == 1
    monkeypatch.setattr(alerts, "FAILURE_STANDS", timedelta(0))
    assert tell([], {}) == {"new": 0, "standing": 0, "over": 2}


def test_a_failure_of_the_mart_is_over_with_the_next_release(data: Path) -> None:
    fail(AuditFailed("x"))
    fail(AuditFailed("y"), "penimbangan.gate", "ingest_dinkes")
    assert tell([], {})["standing"] == 2
    name = (datetime.now(UTC) + timedelta(seconds=2)).strftime("%Y-%m-%dT%H%M%S.%fZ")
    (settings.RELEASES / name).mkdir(parents=True)
    settings.CURRENT.symlink_to(settings.RELEASES / name)
    assert tell([], {}) == {"new": 0, "standing": 1, "over": 1}


def test_a_database_that_cannot_be_read_ends_nothing(data: Path) -> None:
    tell([LATE], {})
    assert alerts.tell_of_night() == {"new": 0, "standing": 1, "over": 0}


def test_a_torn_line_stays_alone(data: Path) -> None:
    tell([LATE], {})
    with (data / "alerts.jsonl").open("a", encoding="utf-8") as stream:
        stream.write('{"at": "2026-11')
    assert tell([LATE, HELD], {})["new"] == 1
    assert tell([LATE, HELD], {})["new"] == 0


def test_what_stands_in_the_database_is_found(data: Path, timbang: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("include.standing.read_agencies", lambda: [SimpleNamespace(datasets=(timbang,))])
    row = "('{id}', 'uji', 'timbang', {period}, '{name}', '{at}', '{status}', {reason}, {rows})"
    october = {"period": "'2026-10'", "at": "2026-10-01", "reason": "null", "rows": 0}
    deliveries = [
        row.format(**october | {"id": 1, "name": "good.csv", "status": "loaded", "rows": 9}),
        row.format(**october | {"id": 2, "name": "bad\nname.csv", "status": "refused", "reason": "'no header'"}),
        row.format(**october | {"id": 3, "name": "mended.csv", "status": "held", "reason": "'too many'"}),
        row.format(**october | {"id": 4, "name": "lost.csv", "status": "refused", "period": "null"}),
        row.format(**october | {"id": 5, "name": "mended.csv", "status": "loaded", "at": "2026-10-02", "rows": 9}),
        row.format(**october | {"id": 6, "name": "lost.csv", "status": "loaded", "at": "2026-10-02", "rows": 9}),
        # nothing of it was accepted: no sign that the agency still reports
        row.format(**october | {"id": 7, "name": "same.csv", "status": "loaded", "at": "2026-11-20"}),
    ]
    with warehouse.connect() as con:
        con.execute(
            "insert into audit.deliveries (delivery_id, agency, dataset, period, file_name, received_at, status, reason, "
            "rows_accepted) "
            f"values {', '.join(deliveries)}"
        )
        found = alerts.what_stands(con)
        in_time = late(con, datetime(2026, 10, 3, tzinfo=UTC))
        [too_late] = late(con, datetime(2026, 11, 21, tzinfo=UTC))
    assert [(alert.kind, alert.about) for alert in found] == [
        ("late", "uji/timbang"),
        ("refused", r"uji/timbang/2026-10/bad\nname.csv of 2026-10-01"),
    ]
    assert in_time == []
    assert too_late.days == 50


def test_what_no_dataset_takes_is_found(data: Path, put: Callable[..., Path]) -> None:
    for agency, name in (("distan", "kebun_gzi"), ("dinkes", "penimbangn"), ("dinkes", "penimbangan")):
        put(SimpleNamespace(agency=agency, name=name), "x", "a.csv", 0)
    for place in ("loose.csv", ".hidden", "dinkes/penimbangn/2026-10/~$a.xlsx"):
        (settings.LANDING / place).write_text("x", encoding="utf-8")
    (settings.LANDING / "link.csv").symlink_to(settings.LANDING / "loose.csv")
    told = {one.folder: (one.files, one.why) for one in misplaced()}
    assert {folder: files for folder, (files, _) in told.items()} == {
        "": ("loose.csv",),
        "dinkes/penimbangn": ("2026-10/a.csv",),
        "distan/kebun_gzi": ("2026-10/a.csv",),
    }
    assert "nearest: dinkes/penimbangan" in told["dinkes/penimbangn"][1]
    with warehouse.connect() as con:
        found = {alert.about for alert in alerts.what_stands(con) if alert.kind == "misplaced"}
    assert found == {"landing/", "landing/dinkes/penimbangn", "landing/distan/kebun_gzi"}


def test_while_a_contract_is_broken_who_was_late_stays_so_and_the_rest_is_told(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> list[Agency]:
        raise ContractError("_uji__sources.yml, table timbang: x is missing.")

    monkeypatch.setattr("include.standing.read_agencies", broken)
    tell([LATE, HELD], {})
    with warehouse.connect():
        pass
    assert alerts.tell_of_night() == {"new": 0, "standing": 1, "over": 1}


def test_by_default_nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TEGAK_SMTP_URL", "TEGAK_ALERT_TO", "TEGAK_ALERT_URL"):
        monkeypatch.delenv(name, raising=False)
    assert alert_ways.configured() == {}


class Mail(socketserver.StreamRequestHandler):
    """As much of a mail server as a client without encryption asks for."""

    taken: ClassVar[list[str]] = []
    refuses = "tpyo@example.org"

    def handle(self) -> None:
        self.wfile.write(b"220 test\r\n")
        text: list[str] | None = None
        for line in self.rfile:
            word = line.decode().rstrip("\r\n")
            if text is not None:
                if word == ".":
                    self.taken.append("\n".join(text))
                    text = None
                    self.wfile.write(b"250 ok\r\n")
                else:
                    text.append(word)
            elif word.upper() == "DATA":
                text = []
                self.wfile.write(b"354 go on\r\n")
            elif self.refuses in word:
                self.wfile.write(b"550 nobody of that name\r\n")
            else:
                self.wfile.write(b"221 bye\r\n" if word.upper() == "QUIT" else b"250 ok\r\n")


@contextmanager
def served(server: socketserver.TCPServer) -> Iterator[int]:
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_an_e_mail_reaches_a_mail_server(monkeypatch: pytest.MonkeyPatch) -> None:
    Mail.taken.clear()
    with served(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mail)) as port:
        monkeypatch.setenv("TEGAK_SMTP_URL", f"smtp://127.0.0.1:{port}")
        monkeypatch.setenv("TEGAK_ALERT_TO", "data@example.org, kepala@example.org")
        alert_ways.configured()["e-mail"]([LATE, HELD])
    [message] = [message_from_string(text, policy=default) for text in Mail.taken]
    assert message["Subject"] == "Tegak: 1 held, 1 late"
    assert message["To"] == "data@example.org, kepala@example.org"
    assert str(HELD) in message.get_content()


def test_an_address_that_the_mail_server_refuses_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    Mail.taken.clear()
    with served(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mail)) as port:
        monkeypatch.setenv("TEGAK_SMTP_URL", f"smtp://127.0.0.1:{port}")
        monkeypatch.setenv("TEGAK_ALERT_TO", f"data@example.org, {Mail.refuses}")
        with pytest.raises(alert_ways.WrongSetting, match="refused 1 of the addresses in TEGAK_ALERT_TO"):
            alert_ways.send_mail([LATE])
    assert len(Mail.taken) == 1, "the other has it"


def _fail_often(barrier: Barrier, name: str) -> None:
    barrier.wait()
    for number in range(25):
        alerts._append({"event": "failed", "id": f"{name}{number}", "text": name * 50 * (1 + number % 3)})


def test_steps_that_fail_at_once_are_all_told(data: Path) -> None:
    context = multiprocessing.get_context("fork")
    barrier = context.Barrier(4)
    steps = [context.Process(target=_fail_often, args=(barrier, name)) for name in "abcd"]
    for step in steps:
        step.start()
    for step in steps:
        step.join()
    assert {line["id"] for line in alerts.lines()} == {f"{name}{number}" for name in "abcd" for number in range(25)}


def test_a_password_is_not_sent_in_the_open(monkeypatch: pytest.MonkeyPatch) -> None:
    Mail.taken.clear()
    with served(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mail)) as port:
        monkeypatch.setenv("TEGAK_SMTP_URL", f"smtp://me:word@127.0.0.1:{port}")  # pragma: allowlist secret
        monkeypatch.setenv("TEGAK_ALERT_TO", "data@example.org")
        with pytest.raises(alert_ways.WrongSetting, match="offers no encryption"):
            alert_ways.send_mail([LATE])
    assert Mail.taken == []


class Hook(BaseHTTPRequestHandler):
    """Takes a document by POST and answers with a status."""

    status = 200
    taken: ClassVar[list[bytes]] = []

    def do_POST(self) -> None:
        self.taken.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        """Quiet."""


def test_a_webhook_gets_one_document(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Hook.taken.clear()
    with served(HTTPServer(("127.0.0.1", 0), Hook)) as port:
        monkeypatch.setenv("TEGAK_ALERT_URL", f"http://127.0.0.1:{port}/hook?token=secret")
        assert tell([LATE, HELD], alert_ways.configured())["webhook"] == "2 sent"
        monkeypatch.setattr(Hook, "status", 500)
        another = Alert("refused", "x", "y")
        assert tell([LATE, HELD, another], alert_ways.configured())["webhook"] == "not sent: HTTPError 500"
    document = json.loads(Hook.taken[0])
    assert document["text"].splitlines()[0] == "Tegak: 1 held, 1 late"
    assert [alert["kind"] for alert in document["alerts"]] == ["late", "held"]
    assert "secret" not in (data / "alerts.jsonl").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("smtp", "to", "hook", "why"),
    [
        ("http://mail", "a@example.org", "", "WrongSetting TEGAK_SMTP_URL is no smtp:// or smtps:// address"),
        ("smtp://mail", " , ", "", "WrongSetting TEGAK_ALERT_TO names nobody"),
        ("", "a@example.org", "", "WrongSetting TEGAK_SMTP_URL is no smtp:// or smtps:// address"),
        ("", "", "file:///etc/passwd", "WrongSetting TEGAK_ALERT_URL is no http or https address"),
    ],
)
def test_a_wrong_setting_is_named(
    data: Path, monkeypatch: pytest.MonkeyPatch, smtp: str, to: str, hook: str, why: str
) -> None:
    for name, value in (("TEGAK_SMTP_URL", smtp), ("TEGAK_ALERT_TO", to), ("TEGAK_ALERT_URL", hook)):
        monkeypatch.setenv(name, value)
    told = tell([LATE], alert_ways.configured())
    assert f"not sent: {why}" in told.values()


def test_an_answer_of_the_mail_server_is_told_without_the_addresses(data: Path) -> None:
    def refuse(found: object) -> None:
        raise smtplib.SMTPRecipientsRefused({"kepala@example.org": (550, b"no")})

    assert tell([LATE], {"e-mail": refuse})["e-mail"] == "not sent: SMTPRecipientsRefused"


def test_old_lines_go_but_not_those_of_what_stands(data: Path) -> None:
    tell([LATE, HELD], {"e-mail": lambda found: None})
    tell([HELD], {})
    alerts.forget_before(datetime.now(UTC) + timedelta(days=1))
    assert [(line["event"], line.get("id")) for line in alerts.lines()] == [("raised", HELD.id), ("sent", None)]
    assert tell([HELD], {"e-mail": lambda found: pytest.fail("sent again")}) == {"new": 0, "standing": 1, "over": 0}
