"""The decision API: ``POST /v1/decide`` and ``/v1/decide/batch`` on the deployed version."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from typing import Annotated, Any, cast

import structlog
from fastapi import APIRouter, Header, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, JSONResponse

from app.answers import Source, read_json
from app.api_page import api_page
from app.decisions import Decisions, Refused
from data.rulelang.request import RequestError

log = structlog.get_logger()

LARGEST_BODY = 5_000_000
"""Bytes of one call."""
MOST_REQUESTS = 1_000
"""Requests of one batch."""
Key = Annotated[str, Header(alias="Authorization", description="`Bearer` and your API key")]
Where = Annotated[str, Query(description="`production` or `staging`")]

WhyNot = Annotated[Sequence[str], Query(description="`decision=value`; may be given again")]

ONE = Source("the body", 'send one object: {"entity": {"name": 1}}')
MANY = Source("the body", 'send {"requests": [{"entity": {"name": 1}}]}')
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
PATHS = {
    "decide": "POST",
    "decide/batch": "POST",
    "explain": "POST",
    "docs": "GET",
    "openapi.json": "GET",
}
"""What is under ``/v1/``, and how each is called."""

_REQUEST_EXAMPLE: dict[str, Any] = {"id": "A-000123", "entity": {"fact": "value"}}
_ANSWER_EXAMPLE: dict[str, Any] = {
    "id": "A-000123",
    "version": "sha256:…",
    "outcomes": {
        "decision": {"status": "decided", "value": "…", "rule": "…", "beats": [], "facts": []}
    },
}
_EXPLAINED_EXAMPLE: dict[str, Any] = {
    "id": "A-000123",
    "version": "sha256:…",
    "outcomes": {
        "decision": {
            "result": {"status": "decided", "value": "…", "rule": "…", "beats": [], "facts": []},
            "lost": [{"rule": "…", "to": "…", "because": "exception"}],
            "near": [{"rule": "…", "fails": "age is at least 65", "unknown": False}],
            "facts": {"entity.fact": "value"},
            "rows": {},
            "defaults": [],
        }
    },
    "why_not": [
        {
            "decision": "decision",
            "wanted": "…",
            "change": {"entity": {"fact": "value"}},
            "complete": True,
            "result": {"status": "decided", "value": "…"},
        }
    ],
}
_ERRORS: dict[int | str, dict[str, Any]] = {
    401: {"description": "no such API key"},
    422: {"description": "not a request: `error` says what is wrong and what to try"},
    503: {"description": "the rules cannot be read just now"},
}


def decision_routes(decisions: Callable[[], Decisions]) -> APIRouter:
    """The routes; ``decisions`` gives what answers, once serving has started."""
    router = APIRouter(prefix="/v1", tags=["decisions"])

    @router.post(
        "/decide",
        summary="decide one request",
        responses=_ERRORS | _shown(_ANSWER_EXAMPLE),
        openapi_extra=_body(_REQUEST_EXAMPLE),
    )
    async def decide(
        request: Request, authorization: Key = "", environment: Where = "production"
    ) -> JSONResponse:
        """All decisions of one request, by the deployed version; an absent fact is unknown."""

        def work(body: object) -> Any:
            return decisions().one(_key(authorization), environment, body)

        return await _answered(request, ONE, work)

    @router.post(
        "/decide/batch",
        summary=f"decide up to {MOST_REQUESTS:,} requests by one version",
        responses=_ERRORS | _shown({"version": "sha256:…", "results": [_ANSWER_EXAMPLE]}),
        openapi_extra=_body({"requests": [_REQUEST_EXAMPLE]}),
    )
    async def batch(
        request: Request, authorization: Key = "", environment: Where = "production"
    ) -> JSONResponse:
        """One answer a request, in order. What is no request gets an error in its place."""

        def work(body: object) -> Any:
            return decisions().batch(_key(authorization), environment, _requests(body))

        return await _answered(request, MANY, work)

    @router.post(
        "/explain",
        summary="decide one request and say what led to it",
        responses=_ERRORS | _shown(_EXPLAINED_EXAMPLE),
        openapi_extra=_body(_REQUEST_EXAMPLE),
    )
    async def explain(
        request: Request,
        authorization: Key = "",
        environment: Where = "production",
        why_not: WhyNot = (),
    ) -> JSONResponse:
        """As decide, with the rules that lost and why, those that came near, and the facts used.

        For each `why_not`: the fewest facts that, changed, would have given that value.
        """

        def work(body: object) -> Any:
            return decisions().explained(_key(authorization), environment, body, why_not)

        return await _answered(request, ONE, work)

    @router.get("/docs", include_in_schema=False)
    async def docs(request: Request) -> HTMLResponse:
        return HTMLResponse(api_page(request.app.openapi()))

    @router.api_route("", methods=list(METHODS), include_in_schema=False)
    @router.api_route("/{path:path}", methods=list(METHODS), include_in_schema=False)
    async def other(request: Request, path: str = "") -> JSONResponse:
        return _no_such_call(request.method, path)

    _ = decide, batch, explain, docs, other
    return router


def _no_such_call(method: str, path: str) -> JSONResponse:
    """What nothing else under ``/v1`` answered, in words."""
    allowed = PATHS.get(path.rstrip("/"))
    if allowed is None:
        refused = Refused(
            404,
            "path",
            f"there is nothing at `/v1/{path[:80]}`",
            "POST a request to /v1/decide; /v1/docs describes the calls",
        )
        return JSONResponse(refused.body, refused.status)
    refused = Refused(
        405,
        "method",
        f"`/v1/{path}` does not answer {method}",
        f"call it with {allowed}; /v1/docs describes the calls",
    )
    return JSONResponse(refused.body, refused.status, {"Allow": allowed})


async def _answered(
    request: Request, source: Source, work: Callable[[object], Any]
) -> JSONResponse:
    """Run the work off the event loop; every way to fail becomes a sentence."""
    try:
        body = read_json((await _read(request)).decode(), source)
        return JSONResponse(await run_in_threadpool(work, body))
    except Refused as refused:
        return JSONResponse(refused.body, refused.status)
    except UnicodeDecodeError:
        error = RequestError("parse", "the body is not UTF-8 text", "send JSON")
        return JSONResponse(error.to_json(), 422)
    except RequestError as error:
        return JSONResponse(error.to_json(), 422)
    except Exception as error:
        reference = secrets.token_hex(4)
        log.error("decide_failed", reference=reference, error=type(error).__name__, exc_info=True)
        refused = Refused(
            500, "internal", "something went wrong on our side", f"tell support {reference}"
        )
        return JSONResponse(refused.body, refused.status)


async def _read(request: Request) -> bytes:
    read = bytearray()
    async for chunk in request.stream():
        read += chunk
        if len(read) > LARGEST_BODY:
            raise Refused(
                413, "size", f"the body is larger than {LARGEST_BODY:,} bytes", "send less at once"
            )
    return bytes(read)


def _requests(body: object) -> list[object]:
    found = cast("dict[str, Any]", body).get("requests") if isinstance(body, dict) else body
    if not isinstance(found, list):
        raise RequestError("type", "a batch is a list of requests", 'send {"requests": [{…}]}')
    listed = cast("list[object]", found)
    if len(listed) > MOST_REQUESTS:
        raise RequestError(
            "range",
            f"a batch holds at most {MOST_REQUESTS:,} requests, not {len(listed):,}",
            "send it in parts",
        )
    return listed


def _key(authorization: str) -> str:
    scheme, _, key = authorization.partition(" ")
    return key.strip() if scheme.casefold() == "bearer" else ""


def _body(example: object) -> dict[str, Any]:
    content = {"application/json": {"schema": {"type": "object"}, "example": example}}
    return {"requestBody": {"required": True, "content": content}}


def _shown(example: object) -> dict[int | str, dict[str, Any]]:
    content = {"application/json": {"example": example}}
    return {200: {"description": "the answer", "content": content}}
