"""The vectors that Ragas compares texts by: ours, so that nothing is fetched for them."""

from __future__ import annotations

from typing import Any

from ragas.embeddings.base import BaseRagasEmbedding

from data.index.embedding import embed


class Letters(BaseRagasEmbedding):
    """Hashed words and letters, as in the index."""

    def embed_text(self, text: str, **_: Any) -> list[float]:
        return [float(x) for x in embed(text)]

    async def aembed_text(self, text: str, **_: Any) -> list[float]:
        return self.embed_text(text)
