"""Two regencies in one installation: what each is called, which keys it has, and that nothing of one is in the other.

The nights run in a copy of the project that has the seeds of a second, invented regency; the one of Serang is compared
with the night that all tests share, of an installation which has nothing but Serang.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from include import keyring, keys, move_in, regencies, rotate, settings, vault, warehouse
from include.keys import PRIVATE_KEY, PSEUDONYM_KEY, KeyProblem
from include.regencies import Regency, RegencyProblem
from include.settings import ROOT
from tests.night import Night
from tests.ordeal.leaks import search
from tests.ordeal.marks import Mark
from tests.ordeal.stage import KEYS, Outcome, Place
from tests.ordeal.state import look

# what is told by the pseudonym, or by which of equally urgent children it puts first
PSEUDONYMS = {
    "stunting_risk": "child_id",
    "visit_list": "child_id, visit_rank, visit_week",
    "audit_candidates": "candidate_id, candidate_rank",
}

SERANG, OTHER = Regency("36.04", False), Regency("99.01", False)
BOTH = "36.04, 99.01"
CODE = ("dags", "dbt_project", "expectations", "include")
# words that stand nowhere in the repository
DESA = ("Bukitsunyi", "Karangjauh", "Rawaindah", "Telagabiru", "Watukelam")
INVENTED = {
    "ref_kabupaten": ["kabupaten_code,kabupaten_name", "99.01,Lembahsunyi"],
    "ref_kecamatan": ["kecamatan_code,kecamatan_name,bps_code", "99.01.01,Hulusunyi,9901010"],
    "ref_kecamatan_tiles": ["kecamatan_code,tile_column,tile_row", "99.01.01,1,1"],
    "ref_desa": [
        "desa_code,desa_name,kecamatan_code,bps_code",
        *(f"99.01.01.200{n},{name},99.01.01,990101000{n}" for n, name in enumerate(DESA, 1)),
    ],
    "ref_desa_aliases": [
        "kecamatan_code,alias,desa_code,reason",
        "99.01.01,Bukit Sepi,99.01.01.2001,invented",
    ],
    "ref_puskesmas": ["puskesmas_code,puskesmas_name,kecamatan_code", "PKM-9901-01,Hulusunyi,99.01.01"],
    "ref_puskesmas_desa": [
        "desa_code,puskesmas_code,is_verified,note",
        *(f"99.01.01.200{n},PKM-9901-01,false,invented" for n in range(1, len(DESA) + 1)),
    ],
    "ref_stunting_goals": [
        "area_code,target_pct,target_year,start_pct,legal_basis,is_verified",
        "99.01,14,2029,24,invented,false",
    ],
}


def write_seeds(folder: Path) -> None:
    """Write the seeds of the regency that does not exist."""
    folder.mkdir(parents=True)
    for name, lines in INVENTED.items():
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


# --- which regencies there are


def test_the_list_of_own_seeds_is_what_the_repository_s_regency_has() -> None:
    assert {f"{name}.csv" for name in regencies.SEEDS} == {path.name for path in settings.REGENCY_SEEDS.iterdir()}
    assert set(INVENTED) == set(regencies.SEEDS)


def test_alone_a_regency_has_its_code_in_no_name_and_no_path(monkeypatch: pytest.MonkeyPatch) -> None:
    for said in ("", "3604", "36.04"):
        monkeypatch.setenv("TEGAK_REGENCIES", said)
        [regency] = regencies.read_regencies()
        assert regency == regencies.asked() == Regency("36.04", True)
        assert settings.data_of(regency) == settings.INSTALLATION
        assert regency.named("ingest", "dinkes") == "ingest_dinkes"
        assert regency.asset("dinkes", "penimbangan") == "tegak://dinkes/penimbangan"


def test_of_several_each_has_its_names_and_its_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEGAK_REGENCIES", "3604, 99.01 3604")
    assert regencies.read_regencies() == [SERANG, OTHER]
    monkeypatch.setenv("TEGAK_REGENCY", "9901")
    assert regencies.asked() == OTHER
    assert settings.data_of(OTHER) == settings.INSTALLATION / "99.01"
    assert OTHER.named("ingest", "dinkes") == "ingest_99.01_dinkes"
    assert OTHER.asset("dinkes", "penimbangan") == "tegak://99.01/dinkes/penimbangan"


@pytest.mark.parametrize(
    ("several", "one", "said"),
    [
        (BOTH, "", "several regencies: say REGENCY=36.04 or 99.01"),
        (BOTH, "36.02", "REGENCY=36.02 is none of this installation's regencies, 36.04, 99.01"),
        (BOTH, "99.01", r"dbt_project/regencies/99.01 has no ref_desa.csv, .* put the seeds of 99.01 there"),
        ("", "99.01", "REGENCY=99.01 is none of this installation's regencies, 36.04: name it in TEGAK_REGENCIES"),
        ("36.04, Serang", "36.04", "TEGAK_REGENCIES: Serang is no code of a regency; write it as 36.04"),
        (BOTH, "../36.04", "REGENCY: ../36.04 is no code of a regency"),
    ],
    ids=["missing", "unknown", "no seeds", "not listed", "no code", "a path"],
)
def test_a_regency_that_cannot_be_worked_for_is_said_in_one_sentence(
    tmp_path: Path, several: str, one: str, said: str
) -> None:
    done = run(ROOT, ["include.regencies"], tmp_path, several, one)
    assert done.returncode == 2
    assert re.search(said, done.stderr)
    assert done.stderr.count("\n") == 1
    night = run(ROOT, ["include.nightly"], tmp_path, several, one)
    assert night.returncode != 0
    assert re.search(said, night.stderr)
    assert list(tmp_path.iterdir()) == []  # nothing was written


def run(root: Path, module: list[str], data: Path, several: str, one: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {
        "TEGAK_DATA": str(data),
        "TEGAK_REGENCIES": several,
        "TEGAK_REGENCY": one,
        "AIRFLOW_HOME": str(data / "airflow"),
        "PYTHONPATH": str(root),
        **KEYS,
    }
    command = [sys.executable, "-m", *module]
    return subprocess.run(command, env=environment, cwd=root, capture_output=True, text=True, check=False)


def test_seeds_of_another_regency_in_its_folder_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regencies, "FOLDER", tmp_path / "dbt_project" / "regencies")
    write_seeds(regencies.FOLDER / "99.01")
    assert regencies.seeds_of("99.01").name == "99.01"
    (regencies.FOLDER / "99.01").rename(regencies.FOLDER / "99.02")
    with pytest.raises(RegencyProblem, match=r"ref_kabupaten.csv says 99.01: it has one row, of 99.02"):
        regencies.seeds_of("99.02")


@pytest.mark.parametrize(
    "written", ["\ufeffkabupaten_code,kabupaten_name\n99.01,X\n", "kabupaten_code;kabupaten_name\n99.01;X\n"]
)
def test_a_seed_saved_by_a_spreadsheet_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    monkeypatch.setattr(regencies, "FOLDER", tmp_path / "dbt_project" / "regencies")
    write_seeds(regencies.FOLDER / "99.01")
    (regencies.FOLDER / "99.01" / "ref_kabupaten.csv").write_text(written, encoding="utf-8")
    with pytest.raises(
        RegencyProblem, match=r"ref_kabupaten.csv has no column kabupaten_code: save it as CSV with commas"
    ):
        regencies.seeds_of("99.01")


def test_a_process_that_works_for_one_does_nothing_for_another() -> None:
    before = settings.DATA, os.environ["TEGAK_REGENCY"]
    with pytest.raises(RegencyProblem, match=r"works for 36.04: it does nothing for 99.01"):
        settings.work_for(OTHER)
    assert (settings.DATA, os.environ["TEGAK_REGENCY"]) == before


def test_one_nik_has_a_pseudonym_in_each_and_one_key_opens_no_other_keyring(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PSEUDONYM_KEY, "p" * 32)
    pseudonyms, rings = {keys.pseudonym_key()}, []
    for regency in (SERANG, OTHER):
        monkeypatch.setattr(settings, "REGENCY", regency)
        pseudonyms.add(keys.pseudonym_key())
        rings.append(keyring.load_or_make(settings.data_of(regency)))
    assert len(pseudonyms) == 3
    assert rings[0] != rings[1]
    assert keyring.load(data / "99.01") == rings[1]
    with pytest.raises(KeyProblem, match="does not open"):
        keyring.load(data / "36.04")
    with pytest.raises(KeyProblem, match="does not open"):  # nor does the key of the installation
        keyring.load(data / "99.01", keys.installation_key())


def test_a_new_private_key_opens_every_regency_and_the_old_one_none(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    env_file = tmp_path / ".env"
    keys.make_env_file(env_file)
    old = keys.installation_key()
    keys.replace_private_key(old, env_file)
    monkeypatch.setenv("TEGAK_REGENCIES", f"{BOTH}, 99.02")  # the third has had no night yet
    rings = {}
    for regency in (SERANG, OTHER):
        monkeypatch.setattr(settings, "REGENCY", regency)
        rings[regency] = keyring.load_or_make(settings.data_of(regency))
    rotate.rotate_private_key(env_file)
    new = dict(line.split("=", 1) for line in env_file.read_text().splitlines())[PRIVATE_KEY]
    for regency, ring in rings.items():
        assert keyring.load(settings.data_of(regency), keys.private_key_of(regency, bytes.fromhex(new))) == ring
        with pytest.raises(KeyProblem, match="does not open"):
            keyring.load(settings.data_of(regency), keys.private_key_of(regency, old))
    assert not (data / "99.02").exists()


def test_what_lay_in_the_data_folder_moves_into_that_of_its_regency(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault.write_sealed(data / "archive" / "a", b"of the time when it was alone")
    with warehouse.connect() as con:
        con.execute("insert into audit.built values ('before it moved', null, null)")
    with pytest.raises(RegencyProblem, match="name the second one in TEGAK_REGENCIES"):
        move_in.move_in()
    monkeypatch.setenv("TEGAK_REGENCIES", BOTH)
    (data / "99.01").mkdir()
    for name, value in (("REGENCY", SERANG), ("DATA", data / "36.04")):
        monkeypatch.setattr(settings, name, value)
    assert move_in.move_in() == ["archive", "warehouse.duckdb"]
    assert sorted(path.name for path in data.iterdir()) == ["36.04", "99.01"]
    assert vault.read_sealed(data / "36.04" / "archive" / "a") == b"of the time when it was alone"
    with warehouse.open_to_read(data / "36.04" / "warehouse.duckdb") as con:
        assert con.execute("select made_of from audit.built").fetchall() == [("before it moved",)]
    with pytest.raises(KeyProblem, match="does not open"):
        keyring.load(data / "36.04", keys.installation_key())
    with pytest.raises(RegencyProblem, match="nothing to move"):
        move_in.move_in()


# --- two nights beside each other


@dataclass
class Nights:
    """The nights of both regencies in one installation, with what each left."""

    root: Path
    data: Path
    places: dict[str, Place]
    done: dict[str, Outcome]
    state: dict[str, Any]

    def release(self, code: str) -> Path:
        return (self.data / code / "current").resolve()


@pytest.fixture(scope="module")
def nights(night: Night, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nights]:
    """Nights of both, at the same time, under the keys of which those of the shared night are derived."""
    home = tmp_path_factory.mktemp("regencies")
    root, data, places = home / "project", home / "data", {}
    for folder in CODE:
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__", "target", "logs"))
    write_seeds(root / "dbt_project" / "regencies" / "99.01")
    made = dict(line.split("=", 1) for line in (night.home / ".env").read_text(encoding="utf-8").splitlines())
    for code in ("36.04", "99.01"):
        write = ["include.synthetic", "--size", "tiny", "--truth", str(data / code / "truth"), "--workers", "1"]
        written = run(root, [*write, "--landing", str(data / code / "landing")], data, BOTH, code)
        assert written.returncode == 0, written.stderr
        asked = {"TEGAK_REGENCIES": BOTH, "TEGAK_REGENCY": code, "TEGAK_DATA": str(data)}
        asked |= {PSEUDONYM_KEY: made[PSEUDONYM_KEY], "PYTHONPATH": f"{root}{os.pathsep}{ROOT}"}
        places[code] = Place(home / f"place_{code}", KEYS | asked, root)
    with ThreadPoolExecutor() as beside:
        running = {code: beside.submit(place.night, quick=True) for code, place in places.items()}
    done = {code: run.result() for code, run in running.items()}
    state = {code: place.look(tables=code == "36.04") for code, place in places.items()}
    yield Nights(root, data, places, done, state)
    for place in places.values():
        place.close()


def test_both_nights_end_well(nights: Nights) -> None:
    for code, done in nights.done.items():
        assert done.code == 0, f"{code}: {done.why()}"
    for state in nights.state.values():
        assert state["release"]["faults"] == state["unbalanced"] == state["left_behind"] == []
        assert state["deliveries"]
    assert sorted(path.name for path in nights.data.iterdir()) == ["36.04", "99.01"]


def test_the_release_of_one_is_that_of_an_installation_which_has_it_alone(
    nights: Nights, night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But for pseudonyms, and the order of equals: a child is called by its writing that came first, and tasks have another order."""
    monkeypatch.setattr(settings, "CURRENT", night.data / "current")
    both, alone = nights.state["36.04"]["release"], look(tables=False)["release"]
    assert len(alone["alike"]) > 50
    differing = {
        name for name in {*both["alike"], *alone["alike"]} if both["alike"].get(name) != alone["alike"].get(name)
    }
    of_their_sizes = "task_force/site/unduhan.html"  # the page tells file sizes; other pseudonyms pack otherwise
    assert differing <= {f"task_force/{mart}.parquet" for mart in PSEUDONYMS} | {of_their_sizes}
    for mart, told in PSEUDONYMS.items():
        there, here = (
            f"select * exclude ({told}) from read_parquet('{release / 'task_force' / mart}.parquet')"
            for release in (nights.release("36.04"), night.release())
        )
        assert duckdb.sql(f"({there} except all {here}) union all ({here} except all {there})").fetchall() == [], mart


def test_each_release_is_of_its_own_regency(nights: Nights) -> None:
    for code, name in (("36.04", "Serang"), ("99.01", "Lembahsunyi")):
        for zone in ("task_force", "public"):
            with duckdb.connect(str(nights.release(code) / zone / "tegak.duckdb"), read_only=True) as con:
                query = "select distinct kabupaten_code, kabupaten_name from stunting_by_kabupaten"
                assert con.execute(query).fetchall() == [(code, name)]
    with duckdb.connect(str(nights.release("99.01") / "task_force" / "tegak.duckdb"), read_only=True) as con:
        [(children, desa)] = con.execute(
            "select sum(measured), count(distinct desa_code) from stunting_by_desa"
        ).fetchall()
        assert children > 0
        assert desa == len(DESA)


def marks_of(nights: Nights, code: str) -> list[Mark]:
    """Return what would tell that something of a regency lies where it should not: persons, pseudonyms, release, path."""
    truth = nights.data / code / "truth" / "persons.parquet"
    persons = duckdb.execute(f"select nik from '{truth}' where person % 37 = 0 order by person limit 10").fetchall()
    with duckdb.connect(str(nights.release(code) / "task_force" / "tegak.duckdb"), read_only=True) as con:
        pseudonyms = con.execute("select distinct child_id from visit_list order by 1 limit 10").fetchall()
    assert len(persons) == len(pseudonyms) == 10
    return [
        *(Mark("nik", str(nik)) for (nik,) in persons),
        *(Mark("pseudonym", one) for (one,) in pseudonyms),
        Mark("release", nights.release(code).name),
        Mark("path", f"data/{code}/"),
    ]


def test_nothing_of_one_lies_in_the_folder_or_the_log_of_the_other(nights: Nights) -> None:
    marks = {code: marks_of(nights, code) for code in nights.places}
    marks["99.01"] += [Mark("desa", name) for name in (*DESA, "Hulusunyi", "Lembahsunyi", "99.01.01.2001")]
    for mine, others in (("36.04", "99.01"), ("99.01", "36.04")):
        assert search([nights.data / mine, nights.places[mine].folder], marks[others]) == []
        found = search([nights.release(mine) / "task_force"], marks[mine])
        assert {leak.kind for leak in found} >= {"pseudonym", "release"}  # it is a search that finds


def test_no_row_of_one_is_in_the_database_of_the_other(nights: Nights) -> None:
    niks = {}
    for code in ("36.04", "99.01"):
        script = f"""
            from pathlib import Path
            import json
            from include import settings, warehouse
            with warehouse.connect(read_only=True) as con:
                rows = con.execute("select distinct nik from disdukcapil.anak where nik is not null").fetchall()
                places = con.execute("select distinct kecamatan_code from seeds.ref_desa").fetchall()
            try:
                warehouse.open_to_read(settings.INSTALLATION / "{({"36.04", "99.01"} - {code}).pop()}" / "warehouse.duckdb")
            except Exception as error:
                refused = type(error).__name__
            print(json.dumps([[nik for (nik,) in rows], [place for (place,) in places], refused]))
        """
        done = subprocess.run(
            [sys.executable, "-c", re.sub(r"(?m)^ {12}", "", script)],
            env=nights.places[code].environment,
            cwd=nights.root,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        niks[code], codes, refused = json.loads(done.stdout)
        assert {place[:5] for place in codes} == {code}
        assert refused == "KeyProblem"  # not even the path to the other's database opens it
    assert len(niks["36.04"]) > 50
    assert len(niks["99.01"]) > 50
    assert not set(niks["36.04"]) & set(niks["99.01"])


def test_the_folder_of_one_can_go_and_the_other_stands(nights: Nights) -> None:
    shutil.rmtree(nights.data / "99.01")
    assert nights.places["36.04"].look(tables=True) == nights.state["36.04"]
    assert run(nights.root, ["include.status"], nights.data, BOTH, "36.04").returncode in (0, 1)  # it can be said
