"""Shows the public zone of the current release inside Airflow's page, for `make up`: everybody may read it, so no login.

Of the release's folder the zone, the manifest and the dictionary are served, and nothing that a link in them would
lead to outside.
"""

from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from include.pages import INDEX

HEAD = {
    # a page runs its own script and loads nothing from elsewhere
    "Content-Security-Policy": "default-src 'self' 'unsafe-inline' data:; frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",  # the same address shows the next release tomorrow
}
BESIDE = ("manifest.json", "dictionary.csv")
NOT_THERE = """<!doctype html><html lang="id"><meta charset="utf-8"><title>Tegak</title>
<p>Halaman ini belum ada di rilis terakhir; <code>make nightly</code> membuatnya.</p>
<p lang="en">The last release does not have this page yet; <code>make nightly</code> makes it.</p></html>"""


class _Zone(StaticFiles):
    """Files of a folder that may not be there yet."""

    async def check_config(self) -> None:
        """Before the first release nothing is found, which is no error."""


def make_app(current: Path) -> Starlette:
    """Return the application for the release to which `current` points at each request."""

    async def site(request: Request) -> Response:
        return RedirectResponse(f"{request.scope['root_path']}/public/site/{INDEX}")

    async def beside(request: Request) -> Response:
        file = (current / request.path_params["name"]).resolve()
        if file.parent != current.resolve() or file.name not in BESIDE or not file.is_file():
            raise HTTPException(404)
        return FileResponse(file)

    return Starlette(
        routes=[
            Route("/", site),
            Mount("/public", _Zone(directory=current / "public", check_dir=False, html=True)),
            Route("/{name}", beside),
        ],
        middleware=[Middleware(BaseHTTPMiddleware, dispatch=_with_head)],
        exception_handlers={404: _not_there},
    )


async def _not_there(request: Request, error: Exception) -> Response:
    return HTMLResponse(NOT_THERE, status_code=404)


async def _with_head(request: Request, call_next) -> Response:  # type: ignore[no-untyped-def]
    response = await call_next(request)
    response.headers.update(HEAD)
    return response
