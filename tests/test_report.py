"""What a night says at its end, beyond what `test_night.py` sees of it."""

from datetime import UTC, datetime

from include import alerts, report, warehouse

ROW = """
    insert into audit.deliveries by name
    select ? as delivery_id, 'dinkes' as agency, ? as dataset, '2026-01' as period, ? as file_name, ? as status,
        10 as rows_read, ? as rows_accepted, 1 as rows_quarantined, timestamp '2026-01-01' as received_at
"""


def fill(con):
    for number in range(report.MOST_DELIVERIES_SHOWN):
        status = {0: "held", 1: "refused", 2: "refused"}.get(number, "loaded")
        con.execute(ROW, [str(number), "penimbangan", f"{number}.csv", status, 9])
    con.execute(ROW, ["one", "imunisasi", "one.csv", "loaded", 8])


def test_many_deliveries_are_added_up_with_what_was_not_loaded(data, capsys):
    with warehouse.connect() as con:
        fill(con)
        report.show_deliveries(con, datetime(2026, 1, 1, tzinfo=UTC))
    lines = {line.split("│")[1].strip(): line for line in capsys.readouterr().out.splitlines() if "│" in line}
    assert "60 files" in lines["dinkes/penimbangan"]
    assert "1 held, 2 refused" in lines["dinkes/penimbangan"]
    assert "1 file " in lines["dinkes/imunisasi"]
    assert "UNBALANCED" in lines["dinkes/imunisasi"]  # 10 read, 9 told of
    assert "UNBALANCED" not in lines["dinkes/penimbangan"]


def test_what_stands_is_told_with_the_night_of_its_coming(data, capsys):
    come = "update audit.deliveries set received_at = timestamp '2026-02-01' where delivery_id in ('1', 'one')"
    with warehouse.connect() as con:
        fill(con)
        con.execute(come)
        report.show_deliveries(con, datetime(2026, 2, 1, tzinfo=UTC))
        said = capsys.readouterr().out
        report.show_deliveries(con, datetime(2026, 3, 1, tzinfo=UTC))
    assert "refused tonight: dinkes/penimbangan/2026-01/1.csv\n" in said
    assert "refused since 2026-01-01: dinkes/penimbangan/2026-01/2.csv\n" in said
    assert "held since 2026-01-01: dinkes/penimbangan/2026-01/0.csv\n" in said
    assert "3.csv" not in said
    assert "under the same name" in said
    assert capsys.readouterr().out.startswith("No file came tonight.\nrefused since 2026-02-01: ")


def test_new_alerts_are_named(data, capsys):
    begun = datetime.now(UTC)
    alerts.tell([alerts.Alert("late", "dinkes/imunisasi", "has brought no accepted row yet")], {})
    alerts.note("dinkes/penimbangan", "nothing was taken")
    alerts.tell([], {})
    report.show_alerts(alerts.lines(), begun)
    said = capsys.readouterr().out
    assert "alerts: 2 new" in said
    assert "\n    late: dinkes/imunisasi\n" in said
    assert "\n    failed: dinkes/penimbangan: nothing was taken\n" in said
