"""Python imports this by itself at its start, in every process that has this folder on PYTHONPATH: no way out.

Each connection and each look-up of a name that would leave this machine is written to the file that
TEGAK_CONNECTIONS names, and raises. It sees Python's sockets only; of native code (DuckDB's) it sees nothing, an
empty network namespace does.
"""

import os
import sys
import traceback
from typing import Any

# this machine, and its own name, which Airflow looks up
HERE = {"localhost", "ip6-localhost", "127.0.0.1", "::1", "0.0.0.0", "::", "", None, os.uname().nodename}
RECORD = os.environ["TEGAK_CONNECTIONS"]


def _target(event: str, arguments: tuple[Any, ...]) -> Any:
    """Return the host that the event reaches for; None when it stays on this machine."""
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None  # a text is the path of a Unix socket
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        host = arguments[0]
    else:
        return None
    host = host.decode(errors="replace") if isinstance(host, bytes) else host
    return None if host in HERE else host


def _block(event: str, arguments: tuple[Any, ...]) -> None:
    if event.startswith("socket.") and (host := _target(event, arguments)):
        where = "".join(traceback.format_stack(limit=12)[:-1])
        with open(RECORD, "a", encoding="utf-8") as record:  # noqa: PTH123  pathlib is not loaded yet
            record.write(f"{event} {host} pid {os.getpid()}\n{where}\n")
        raise PermissionError(f"a night connects to nothing outside: {event} {host}")


sys.addaudithook(_block)
