"""The gate before every request."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from app.caller import http_caller
from app.gate import (
    Gate,
    SecurityHeaders,
    client_address,
    content_policy,
    inline_scripts,
    without_foreign_links,
)


async def echo(request: Request) -> JSONResponse:
    answer = JSONResponse({"caller": http_caller.get(), "address": client_address()})
    answer.set_cookie("c", "1")
    return answer


async def still_here(login: str) -> bool:
    return login != "gone"


def client(secure: bool = False) -> httpx.AsyncClient:
    app: Any = Starlette(routes=[Route("/{path:path}", echo, methods=["GET", "POST", "PUT"])])
    app = Gate(
        app,
        login_of=lambda token: token or None,
        still_here=still_here,
        origins=frozenset({"https://rules.example"}),
    )
    app = SecurityHeaders(app, policy="default-src 'self'", secure=secure)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here:8000")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"origin": "http://here:8000"}, 200),
        ({"origin": "https://rules.example"}, 200),
        ({"origin": "http://here:8001"}, 403),
        ({"origin": "http://here:8000.evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-origin"}, 200),
    ],
)
async def test_only_pages_of_our_own_may_ask(headers: dict[str, str], status: int) -> None:
    assert (await client().post("/project/action", headers=headers)).status_code == status


@pytest.mark.parametrize(
    "path",
    [
        "/mcp",
        "/project/element",
        "/project/share/x",
        "/auth/jwt",
        "/copilot/a.js",
    ],
)
async def test_routes_nothing_uses_are_closed(path: str) -> None:
    assert (await client().put(path)).status_code == 404


async def test_the_person_behind_the_cookie_is_known() -> None:
    answer = await client().get("/project/threads", headers={"cookie": "access_token=ann"})
    assert answer.json()["caller"] == "ann"
    assert (await client().get("/project/threads")).json()["caller"] is None


async def test_somebody_who_is_gone_is_signed_out() -> None:
    gone = {"cookie": "access_token=gone"}
    answer = await client().get("/project/threads", headers=gone)
    assert answer.status_code == 401 and "access_token=" in answer.headers["set-cookie"]
    page = await client().get("/", headers=gone | {"accept": "text/html"})
    assert (page.status_code, page.headers["location"]) == (303, "/login")


async def test_every_answer_carries_the_headers() -> None:
    headers = (await client().get("/")).headers
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert "strict-transport-security" not in headers
    secure = (await client(secure=True).get("/")).headers
    assert "Secure" in secure["set-cookie"] and "strict-transport-security" in secure


async def test_a_body_that_is_too_large_is_refused() -> None:
    answer = await client().post("/x", content=b"x" * 1_000_001)
    assert answer.status_code == 413


def test_links_to_other_hosts_are_taken_out_of_the_page() -> None:
    page = (
        '<link rel="preconnect" href="https://fonts.example" />\n<link\n href="https://a.example"\n'
        ' rel="stylesheet"\n/><link rel="stylesheet" href="/assets/a.css">'
        '<script src="https://b.example/x.js"></script><script src="/y.js"></script>'
    )
    left = without_foreign_links(page)
    assert "example" not in left
    assert "/assets/a.css" in left and "/y.js" in left


def test_the_policy_names_our_inline_scripts_by_hash() -> None:
    policy = content_policy(
        inline_scripts("<script>const a = 1;</script><script src='x'></script>")
    )
    assert policy.count("'sha256-") == 1
    assert "'unsafe-inline'" not in policy.split("style-src")[0]
    assert "frame-ancestors 'none'" in policy
