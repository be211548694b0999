"""`make superset`: brings Superset's own database up to date, puts the dashboard in, and serves it on 127.0.0.1.

Runs in `.venv-superset`, where nothing of Tegak but this folder can be imported. What people made in Superset stays;
the dashboard of `assets/` and the password of the account `tegak` are set anew at each start. TEGAK_SUPERSET_BIND is
where it listens, TEGAK_SUPERSET_HOME where its own database lies.
"""

import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
HOME = Path(os.environ.get("TEGAK_SUPERSET_HOME") or Path(os.environ["TEGAK_DATA"]) / "superset")
ACCOUNT = "tegak"
LEAST_SIGNS = 12


def main() -> int:
    """Return 2, with one sentence, when it cannot start; else become the server."""
    os.umask(0o077)
    password = os.environ.get("TEGAK_SUPERSET_PASSWORD", "")
    if len(password) < LEAST_SIGNS or len(os.environ.get("TEGAK_SUPERSET_KEY", "")) < LEAST_SIGNS:
        print(
            "TEGAK_SUPERSET_KEY or TEGAK_SUPERSET_PASSWORD is missing or short; `make .env` writes both into .env.",
            file=sys.stderr,
        )
        return 2
    if not (Path(os.environ["TEGAK_DATA"]) / "current" / "public" / "tegak.duckdb").exists():
        print("There is no release yet; run make nightly.", file=sys.stderr)
        return 2
    HOME.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.environ |= {
        "TEGAK_SUPERSET_HOME": str(HOME),
        "SUPERSET_CONFIG_PATH": str(HERE / "superset_config.py"),
        "SCARF_ANALYTICS": "false",  # no page tells anybody that it was opened
    }
    _prepare(password)
    bind = os.environ.get("TEGAK_SUPERSET_BIND", "127.0.0.1:8088")
    print(f"Superset: http://{bind}/superset/dashboard/tegak/ (account {ACCOUNT}, password in .env)", flush=True)
    serve = ["--bind", bind, "--workers", "1", "--worker-class", "gthread", "--threads", "4"]
    serve += ["--timeout", "120", "--graceful-timeout", "5", "superset.app:create_app()"]
    os.execv(sys.executable, [sys.executable, "-m", "gunicorn", *serve])


def _prepare(password: str) -> None:
    """Bring database, roles, account and dashboard to what the files say."""
    from flask_migrate import upgrade
    from superset.app import create_app

    app = create_app()
    with app.app_context():
        from superset import appbuilder, security_manager
        from superset.commands.importers.v1.assets import ImportAssetsCommand
        from superset.utils.core import override_user

        upgrade()
        appbuilder.add_permissions(update_perms=True)
        security_manager.sync_role_definitions()
        account = security_manager.find_user(username=ACCOUNT)
        if account:
            security_manager.reset_password(account.id, password)
        else:
            role = security_manager.find_role("Admin")
            account = security_manager.add_user(ACCOUNT, "Tegak", "", f"{ACCOUNT}@localhost", role, password=password)
        with override_user(account):
            ImportAssetsCommand(read_assets()).run()  # the dashboard's own command would keep charts that are there


def read_assets() -> dict[str, str]:
    """Return the dashboard in Superset's export format, file name to YAML."""
    assets = HERE / "assets"
    return {str(path.relative_to(assets)): path.read_text(encoding="utf-8") for path in sorted(assets.rglob("*.yaml"))}


if __name__ == "__main__":
    sys.exit(main())
