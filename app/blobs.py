"""Files of a conversation (long tables), kept on this machine and served to their owner only."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from chainlit.data.storage_clients.base import BaseStorageClient
from fastapi import APIRouter, HTTPException
from fastapi.responses import FileResponse

from app.caller import http_caller

KEY = re.compile(r"[0-9a-f-]{36}/[0-9a-f-]{36}")
"""Conversation and element: no other key is ever made, so none is ever opened."""


class Blobs(BaseStorageClient):
    """A folder with one file a key."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, key: str) -> Path:
        """Where a key's file lies. Raises ``ValueError`` on a key that we never make."""
        if not KEY.fullmatch(key):
            raise ValueError(f"`{key}` is no key of a stored file")
        return self._folder / key

    async def upload_file(
        self,
        object_key: str,
        data: bytes | str,
        mime: str = "application/octet-stream",
        overwrite: bool = True,
        content_disposition: str | None = None,
    ) -> dict[str, Any]:
        path = self.path(object_key)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        return {"object_key": object_key, "url": await self.get_read_url(object_key)}

    async def delete_file(self, object_key: str) -> bool:
        self.path(object_key).unlink(missing_ok=True)
        return True

    async def get_read_url(self, object_key: str) -> str:
        return f"/blobs/{object_key}"

    async def close(self) -> None:
        """Nothing is held open."""


def blob_routes(
    blobs: Blobs,
    owner_of: Callable[[str], Awaitable[str | None]],
    mime_of: Callable[[str], Awaitable[str]],
) -> APIRouter:
    """``/blobs/{key}``: a file, for the person whose conversation it belongs to."""
    router = APIRouter()

    @router.get("/blobs/{thread_id}/{element_id}", include_in_schema=False)
    async def read(thread_id: str, element_id: str) -> FileResponse:
        key = f"{thread_id}/{element_id}"
        caller = http_caller.get()
        if caller is None or not KEY.fullmatch(key) or await owner_of(key) != caller:
            raise HTTPException(status_code=404, detail="there is no such file")
        return FileResponse(blobs.path(key), media_type=await mime_of(key))

    _ = read
    return router
