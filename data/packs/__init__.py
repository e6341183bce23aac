"""Packs: everything one organisation brings, read from a folder."""

from data.packs.cases import Example, Scenario
from data.packs.load import Pack, load_pack, shipped_packs

__all__ = ["Example", "Pack", "Scenario", "load_pack", "shipped_packs"]
