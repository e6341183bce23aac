"""Past requests of a pack, made up by rule of its ``history.yaml``: the same on every machine."""

from data.packs.history.table import generate, history_spec, history_table

__all__ = ["generate", "history_spec", "history_table"]
