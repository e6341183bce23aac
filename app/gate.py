"""What stands before every request: where it may come from, who is behind it, and the headers."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Awaitable, Callable, Iterable
from contextvars import ContextVar
from http.cookies import SimpleCookie
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import wording
from app.caller import http_caller

COOKIE = "access_token"
CLOSED = re.compile(
    r"/mcp|/project/(element|thread/share|share/.*)|/auth/(oauth/.*|header|jwt)"
    r"|/copilot/.*|/(slack|teams)/.*"
)
"""Routes of the chat library that nothing here uses; each is a way in less."""
FILES = ("/assets/", "/public/", "/favicon", "/logo", "/avatars/", "/health", "/ready", "/v1/")
"""Paths that are the same for everybody, or know their callers by a key."""
LARGEST_BODY = 1_000_000
"""Bytes of a request to the chat; the decision API has limits of its own."""
UPLOAD = "/project/file"
LARGEST_UPLOAD = 6_000_000
"""Bytes of a request that brings a table: 5 MB and what the form adds."""
_address: ContextVar[str] = ContextVar("client_address", default="")


def client_address() -> str:
    """Address the running request came from; empty outside one."""
    return _address.get()


def content_policy(inline: Iterable[str]) -> str:
    """The content security policy of the chat page; ``inline``: its own inline scripts.

    ``unsafe-eval`` stays: the chat library compiles the cards' source in the browser.
    """
    hashes = [base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in inline]
    scripts = " ".join(["'self'", "'unsafe-eval'", *(f"'sha256-{h}'" for h in hashes)])
    return "; ".join([
        "default-src 'self'",
        f"script-src {scripts}",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ])  # fmt: skip


def inline_scripts(page: str) -> list[str]:
    """The scripts written into a page, as the browser hashes them."""
    return re.findall(r"<script>(.*?)</script>", page, flags=re.DOTALL)


def without_foreign_links(page: str) -> str:
    """The page without links that would make a browser ask another host."""
    page = re.sub(r'<link\b[^>]*href="https?://[^>]*>', "", page, flags=re.DOTALL)
    return re.sub(r'<script\b[^>]*src="https?://[^>]*>\s*</script>', "", page, flags=re.DOTALL)


class Gate:
    """Turns away what comes from another site, is closed, too large, or signed by somebody gone."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        login_of: Callable[[str], str | None],
        still_here: Callable[[str], Awaitable[bool]],
        origins: frozenset[str] = frozenset(),
    ) -> None:
        self.app = app
        self.login_of = login_of
        self.still_here = still_here
        self.origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = self._refusal(scope, headers)
        known = refusal is None and not scope["path"].startswith(FILES)
        login = await self._login(headers) if known else None
        if login == "":
            refusal = (401, wording.SIGNED_OUT)
        if refusal is not None:
            await _turn_away(scope, receive, send, *refusal)
            return
        _address.set(scope["client"][0] if scope.get("client") else "")
        http_caller.set(login)
        await self.app(scope, receive, send)

    def _refusal(self, scope: Scope, headers: Headers) -> tuple[int, str] | None:
        path: str = scope["path"]
        if CLOSED.fullmatch(path):
            return 404, "there is nothing here"
        if not self._same_site(headers):
            return 403, "this address does not take requests from other sites"
        length = headers.get("content-length", "0")
        most = LARGEST_UPLOAD if path == UPLOAD else LARGEST_BODY
        if not path.startswith("/v1/") and length.isdigit() and int(length) > most:
            return 413, "this request is too large"
        return None

    def _same_site(self, headers: Headers) -> bool:
        """A browser names the page a request comes from; a program sends no origin."""
        origin = headers.get("origin")
        if origin is None:
            return headers.get("sec-fetch-site", "none") in ("none", "same-origin", "same-site")
        return origin in self.origins or urlsplit(origin).netloc == headers.get("host", "")

    async def _login(self, headers: Headers) -> str | None:
        """Sign-in name behind the cookie; empty where its person is gone."""
        jar: SimpleCookie = SimpleCookie()
        jar.load(headers.get("cookie", ""))
        login = self.login_of(jar[COOKIE].value) if COOKIE in jar else None
        if login is None:
            return None
        return login if await self.still_here(login) else ""


async def _turn_away(scope: Scope, receive: Receive, send: Send, status: int, text: str) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": text[:100]})
        return
    response: Response = JSONResponse({"detail": text}, status_code=status)
    if status == 401:
        if "text/html" in Headers(scope=scope).get("accept", ""):
            response = RedirectResponse("/login", status_code=303)
        response.delete_cookie(COOKIE)
    await response(scope, receive, send)


class SecurityHeaders:
    """Adds the headers that keep a browser from being used against its person."""

    def __init__(self, app: ASGIApp, *, policy: str, secure: bool) -> None:
        self.app = app
        self.secure = secure
        self.headers = {
            "content-security-policy": policy,
            "x-content-type-options": "nosniff",
            "x-frame-options": "DENY",
            "referrer-policy": "same-origin",
            "cross-origin-opener-policy": "same-origin",
            "cross-origin-resource-policy": "same-origin",
            "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        } | ({"strict-transport-security": "max-age=31536000"} if secure else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
                if self.secure:
                    _secure_cookies(message)
            await send(message)

        await self.app(scope, receive, with_headers)


def _secure_cookies(message: Message) -> None:
    """Cookies set over https are never sent without it."""
    message["headers"] = [
        (n, v + b"; Secure" if n == b"set-cookie" and b"secure" not in v.lower() else v)
        for n, v in message["headers"]
    ]
