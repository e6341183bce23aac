"""The web app of one process: health, decision API, files, thumbs, and the chat last."""

from __future__ import annotations

import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.responses import JSONResponse

from app.chatroot import prepare
from app.desk import Desk, desk, put_desk
from app.environment import be_quiet
from app.logs import configure_logs
from app.settings import Settings

MakeDesk = Callable[[Settings], Awaitable[Desk]]
UNUSED_EVENTS = (
    "edit_message", "window_message", "message_favorite", "fetch_favorites",
    "audio_start", "audio_chunk", "audio_end", "chat_settings_change", "chat_settings_edit",
)  # fmt: skip
"""Socket events of the chat library that nothing here answers."""


def create_app(settings: Settings, make_desk: MakeDesk, *routers: APIRouter) -> FastAPI:
    """The app, ready to be served. ``make_desk`` runs when serving starts."""
    be_quiet()
    configure_logs()
    prepare(settings.var, settings.cookie_secret())
    app = FastAPI(
        title="Rulewright decision API",
        lifespan=_lifespan(settings, make_desk),
        docs_url=None,
        redoc_url=None,
        openapi_url="/v1/openapi.json",
    )
    app.include_router(_health_routes())
    for router in routers:
        app.include_router(router)
    _mount_chat(app, settings)
    return app


def _lifespan(settings: Settings, make_desk: MakeDesk) -> Callable[[FastAPI], Any]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        here = await make_desk(settings)
        put_desk(here)
        try:
            yield
        finally:
            await here.close()

    return lifespan


def _health_routes() -> APIRouter:
    router = APIRouter(tags=["health"])
    since = secrets.token_hex(8)

    @router.get("/health", summary="whether the process answers")
    async def health() -> dict[str, str]:
        """``since`` changes when the process is started again."""
        return {"status": "ok", "since": since}

    @router.get("/ready", summary="whether all that answers need is there")
    async def ready() -> JSONResponse:
        parts = dict(await desk().ready())
        return JSONResponse({"parts": parts}, status_code=200 if all(parts.values()) else 503)

    _ = health, ready
    return router


def _mount_chat(app: FastAPI, settings: Settings) -> None:
    """Mount the chat at ``/``; it answers every path that nothing before it took."""
    import chainlit.server as server
    from chainlit.auth.jwt import decode_jwt
    from chainlit.config import config
    from chainlit.utils import mount_chainlit

    from app import blobs, opinions, presses
    from app.gate import Gate, SecurityHeaders, content_policy, inline_scripts

    _keep_page_local(server)
    _drop_unused_events(server.sio)
    config.project.user_session_timeout = settings.session_hours * 3600
    files = blobs.Blobs(settings.var / "blobs")
    app.include_router(
        blobs.blob_routes(
            files, lambda k: desk().layer.owner_of_blob(k), lambda k: desk().layer.mime_of_blob(k)
        )
    )
    app.include_router(opinions.router)
    app.include_router(presses.router)
    mount_chainlit(app=app, target=str(Path(__file__).with_name("main.py")), path="/")
    _drop_path_check(server.app)

    def login_of(token: str) -> str | None:
        try:
            return decode_jwt(token).identifier
        except Exception:
            return None

    async def still_here(login: str) -> bool:
        return await desk().people.who(login) is not None

    policy = content_policy(inline_scripts(server.get_html_template("")))
    origins = frozenset({settings.public_url.rstrip("/")} - {""})
    app.add_middleware(Gate, login_of=login_of, still_here=still_here, origins=origins)
    app.add_middleware(SecurityHeaders, policy=policy, secure=settings.secure)


def _keep_page_local(server: Any) -> None:
    """The chat's page names fonts and styles on other hosts; take those links out of it."""
    from app.gate import without_foreign_links

    made = server.get_html_template
    pages: dict[str, str] = {}

    def local(root_path: str) -> str:
        if root_path not in pages:
            pages[root_path] = without_foreign_links(made(root_path))
        return pages[root_path]

    server.get_html_template = local


def _drop_path_check(chat: FastAPI) -> None:
    """The check of the mount path says nothing at ``/``, and fails on every request given up."""
    chat.user_middleware[:] = [
        m for m in chat.user_middleware if getattr(m.cls, "__name__", "") != "ChainlitMiddleware"
    ]


def _drop_unused_events(sio: Any) -> None:
    """A socket event nothing answers cannot be misused; stopping says so in our words."""
    from app.stop import stop

    handlers = sio.handlers["/"]
    for event in UNUSED_EVENTS:
        handlers.pop(event, None)
    handlers["stop"] = stop
