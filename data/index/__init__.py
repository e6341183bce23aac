"""What of an organisation's words bears on a message."""

from data.index.items import Item, Kind, items_of
from data.index.retriever import Retrieved, Retriever
from data.index.words import COMMON, content_words, words_of

__all__ = [
    "COMMON",
    "Item",
    "Kind",
    "Retrieved",
    "Retriever",
    "content_words",
    "items_of",
    "words_of",
]
