"""The drafter without a model."""

from graph.drafters.grammar.drafter import GrammarDrafter

__all__ = ["GrammarDrafter"]
