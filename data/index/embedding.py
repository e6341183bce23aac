"""Layer three's vectors: hashed words and character n-grams, 256 numbers, no download.

Feature hashing with signs (Weinberger et al. 2009): each word stem and each of its character
n-grams adds +1 or -1 to one of 256 places, chosen by CRC-32, which is the same in every process
and on every machine. It knows no meaning beyond shared letters; it is the seat that a learned
embedding takes later, and the layer that works when nothing else may be fetched.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from data.index.words import content_words

SIZE = 256
NAME = "rulewright-hashed-1"
"""Changes with any change of the vectors, so that an old collection is never mixed with new."""


def _features(text: str) -> Iterator[tuple[str, float]]:
    words = content_words(text)
    for word in words:
        yield f"w:{word}", 1.0
        marked = f"<{word}>"
        for length in (3, 4):
            for at in range(len(marked) - length + 1):
                yield f"c:{marked[at : at + length]}", 0.35
    for left, right in pairwise(words):
        yield f"b:{left} {right}", 0.7


def embed(text: str) -> NDArray[np.float32]:
    """A unit vector of 256; the zero vector only for a text without a letter or digit."""
    vector = np.zeros(SIZE, dtype=np.float32)
    for feature, weight in _features(text):
        code = crc32(feature.encode())
        vector[code % SIZE] += weight if code & 0x10000 else -weight
    size = float(np.linalg.norm(vector))
    return vector / np.float32(size) if size else vector


def embed_all(texts: Sequence[str]) -> list[NDArray[np.float32]]:
    return [embed(t) for t in texts]
