"""Chroma, embedded: the one module that imports it.

A cache of this process, rebuilt from the items whenever it does not hold exactly them. The
embedded client only: Chroma's own server runs code before it asks who is calling.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar, cast

import chromadb
from chromadb.api.types import Documents, EmbeddingFunction, Embeddings
from chromadb.config import Settings
from chromadb.utils.embedding_functions import (
    register_embedding_function,  # pyright: ignore[reportUnknownVariableType]
)

from data.index.embedding import NAME, SIZE, embed, embed_all
from data.index.items import Item

BATCH = 500
OPENING = Lock()
"""One thread at a time brings a collection up to date."""
T = TypeVar("T")


@cast(Any, register_embedding_function)
class HashedEmbedding(EmbeddingFunction[Documents]):
    """Our own embedding under a name of its own, so that a reopened collection finds it."""

    def __init__(self) -> None:
        self.size = SIZE

    def __call__(self, input: Documents) -> Embeddings:
        return cast(Embeddings, embed_all(input))

    @staticmethod
    def name() -> str:
        return NAME

    def default_space(self) -> Any:
        return "cosine"

    def get_config(self) -> dict[str, Any]:
        return {"size": SIZE}

    @staticmethod
    def build_from_config(config: dict[str, Any]) -> HashedEmbedding:
        return HashedEmbedding()


def content_hash(items: Sequence[Item]) -> str:
    """One hash over all that a collection should hold."""
    whole = "\n".join(sorted(item.fingerprint for item in items))
    return hashlib.sha256(f"{NAME}\n{whole}".encode()).hexdigest()


class Collection:
    """One organisation's items as vectors."""

    def __init__(self, folder: Path, organisation: str, items: Sequence[Item]) -> None:
        """Opens or makes the collection; whatever differs from ``items`` is replaced."""
        folder.mkdir(parents=True, exist_ok=True)
        settings = Settings(anonymized_telemetry=False)
        self._name = "org-" + hashlib.sha256(organisation.encode()).hexdigest()[:40]
        with OPENING:
            self._client = chromadb.PersistentClient(path=str(folder), settings=settings)
            self._collection = self._open(items)
        self._ids = frozenset(item.id for item in items)

    def _open(self, items: Sequence[Item]) -> chromadb.Collection:
        wanted = {"content": content_hash(items), "embedding": NAME}
        known = [c.name for c in self._client.list_collections()]
        if self._name in known:
            held = self._client.get_collection(self._name, embedding_function=_function())
            if held.metadata == wanted and held.count() == len(items):
                return held
            if (held.metadata or {}).get("embedding") == NAME:
                return _brought_up_to_date(held, items, wanted)
            self._client.delete_collection(self._name)
        made = self._client.create_collection(
            self._name, metadata={"embedding": NAME}, embedding_function=_function()
        )
        return _brought_up_to_date(made, items, wanted)

    def find(self, texts: Sequence[str], k: int) -> dict[str, float]:
        """Cosine similarity (0 to 1) of the nearest items to any of the texts, by id."""
        answer = self._collection.query(
            query_embeddings=cast(Any, [embed(t) for t in texts]),
            n_results=min(k, max(1, len(self._ids))),
            include=["distances"],
        )
        distances = answer["distances"] or []
        scores: dict[str, float] = {}
        for ids, row in zip(answer["ids"], distances, strict=True):
            for item_id, distance in zip(ids, row, strict=True):
                if item_id in self._ids:
                    scores[item_id] = max(scores.get(item_id, 0.0), 1.0 - float(distance))
        return scores


def _function() -> Any:
    return HashedEmbedding()


def _brought_up_to_date(
    held: chromadb.Collection, items: Sequence[Item], wanted: dict[str, str]
) -> chromadb.Collection:
    """Removes what is gone, writes what is new or different, then notes the content's hash."""
    present = held.get(include=["metadatas"])
    prints = {
        i: (m or {}).get("print")
        for i, m in zip(present["ids"], present["metadatas"] or [], strict=True)
    }
    ids = {item.id for item in items}
    for gone in _batches([i for i in prints if i not in ids]):
        held.delete(ids=list(gone))
    for changed in _batches([i for i in items if prints.get(i.id) != i.fingerprint]):
        _upsert(held, changed)
    held.modify(metadata=cast(Any, wanted))
    return held


def _upsert(held: chromadb.Collection, items: Sequence[Item]) -> None:
    texts = [" ".join(i.phrases) for i in items]
    held.upsert(
        ids=[i.id for i in items],
        embeddings=cast(Any, embed_all(texts)),
        metadatas=[{"print": i.fingerprint, "kind": i.kind} for i in items],
    )


def _batches(things: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(things), BATCH):
        yield things[start : start + BATCH]
