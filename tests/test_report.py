"""What a night says at its end, beyond what `test_night.py` sees of it."""

from include import report, warehouse

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
        report.show_deliveries(con)
    lines = {line.split("│")[1].strip(): line for line in capsys.readouterr().out.splitlines() if "│" in line}
    assert "60 files" in lines["dinkes/penimbangan"]
    assert "1 held, 2 refused" in lines["dinkes/penimbangan"]
    assert "1 file " in lines["dinkes/imunisasi"]
    assert "UNBALANCED" in lines["dinkes/imunisasi"]  # 10 read, 9 told of
    assert "UNBALANCED" not in lines["dinkes/penimbangan"]
