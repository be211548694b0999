"""The ways by which alerts leave, none of them by default: e-mail (SMTP) and a webhook, both from the environment.

TEGAK_SMTP_URL   smtp://host:25 (with STARTTLS where the server offers it) or smtps://host:465; before the host may stand
                 name:password and @, which need encryption
TEGAK_ALERT_TO   addresses with comma between, for the e-mail
TEGAK_ALERT_URL  an http or https address that takes one JSON document by POST
"""

import json
import os
import smtplib
import ssl
from collections import Counter
from collections.abc import Callable, Sequence
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit
from urllib.request import Request, urlopen

from include import settings
from include.alerts import Alert

SECONDS = 20


class WrongSetting(ValueError):
    """A variable of the environment cannot be used; `reason` says which and why, without its value."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def configured() -> dict[str, Callable[[Sequence[Alert]], None]]:
    """Return the ways that the environment names."""
    ways: dict[str, Callable[[Sequence[Alert]], None]] = {}
    if os.environ.get("TEGAK_SMTP_URL") or os.environ.get("TEGAK_ALERT_TO"):
        ways["e-mail"] = send_mail
    if os.environ.get("TEGAK_ALERT_URL"):
        ways["webhook"] = post
    return ways


def send_mail(alerts: Sequence[Alert]) -> None:
    """Send all alerts in one message. Raises `WrongSetting`, `OSError` and `smtplib.SMTPException`."""
    server = urlsplit(os.environ.get("TEGAK_SMTP_URL", ""))
    to = [address.strip() for address in os.environ.get("TEGAK_ALERT_TO", "").split(",") if address.strip()]
    if server.scheme not in ("smtp", "smtps") or not server.hostname:
        raise WrongSetting("TEGAK_SMTP_URL is no smtp:// or smtps:// address")
    if not to:
        raise WrongSetting("TEGAK_ALERT_TO names nobody")
    message = EmailMessage()
    message["Subject"] = _title(alerts)
    message["From"] = f"tegak@{server.hostname}"
    message["To"] = ", ".join(to)
    message.set_content("\n\n".join(map(str, alerts)) + "\n\nOn the server: make status\n")
    is_wrapped = server.scheme == "smtps"
    port = server.port or (465 if is_wrapped else 25)
    trusted = ssl.create_default_context()
    with (
        smtplib.SMTP_SSL(server.hostname, port, timeout=SECONDS, context=trusted)
        if is_wrapped
        else smtplib.SMTP(server.hostname, port, timeout=SECONDS)
    ) as connection:
        if not is_wrapped:
            connection.ehlo()
            if connection.has_extn("starttls"):
                connection.starttls(context=trusted)
                connection.ehlo()
            elif server.password:
                raise WrongSetting("the mail server offers no encryption, so the password is not sent")
        if server.username:
            connection.login(unquote(server.username), unquote(server.password or ""))
        refused = connection.send_message(message)
    if refused:  # the others have it, and get it again: better twice than one never
        raise WrongSetting(f"the mail server refused {len(refused)} of the addresses in TEGAK_ALERT_TO")


def post(alerts: Sequence[Alert]) -> None:
    """Post all alerts as one document; `text` is what chat programs show. Raises `WrongSetting` and `OSError`."""
    url = os.environ["TEGAK_ALERT_URL"]
    if urlsplit(url).scheme not in ("http", "https"):
        raise WrongSetting("TEGAK_ALERT_URL is no http or https address")
    document = {
        "text": "\n".join((_title(alerts), *map(str, alerts))),
        "alerts": [{"id": a.id, "kind": a.kind, "about": a.about, "text": a.text} for a in alerts],
    }
    head = {"Content-Type": "application/json"}
    with urlopen(Request(url, json.dumps(document).encode(), head, method="POST"), timeout=SECONDS) as answer:
        answer.read()


def _title(alerts: Sequence[Alert]) -> str:
    counts = Counter(alert.kind for alert in alerts)
    sender = "Tegak" if settings.REGENCY.is_alone else f"Tegak {settings.REGENCY.code}"
    return f"{sender}: {', '.join(f'{count} {kind}' for kind, count in sorted(counts.items()))}"
