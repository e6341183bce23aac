"""The drafter that needs no model: grammar, the ontology's words, and an account of every word."""

from __future__ import annotations

from dataclasses import replace

from graph.drafters.base import Draft, Question, Reading, Task
from graph.drafters.grammar.account import unplaced
from graph.drafters.grammar.atoms import Unclear
from graph.drafters.grammar.lexicon import Lexicon, lexicon_of
from graph.drafters.grammar.mentions import near_words
from graph.drafters.grammar.reader import Message, readings

LONGEST = 2_000
"""Characters of a message that is read; longer ones are asked to be split."""


class GrammarDrafter:
    """Reads plain English into rules of the given ontology; asks where it is not sure."""

    name = "grammar"

    def draft(self, message: str, task: Task) -> Draft:
        if not message.strip():
            return self._refused("Write a rule in plain words: say what should happen and when.")
        if len(message) > LONGEST:
            return self._refused("That is too long to read at once. Send one rule at a time.")
        lexicon = lexicon_of(task.ontology, task.code_sets)
        read = Message(message, lexicon)
        try:
            found = readings(read, task)
        except Unclear as unclear:
            return self._asked(unclear.question, unclear.unplaced)
        return self._settled(found, lexicon)

    def _settled(self, found: list[Reading], lexicon: Lexicon) -> Draft:
        whole = [r for r in found if not unplaced(r.placed)]
        if not whole:
            words = min((unplaced(r.placed) for r in found), key=len)
            return self._asked(_about_words(words, lexicon), words, found[:1])
        if len(whole) > 1:
            options = tuple(r.rules[0].title for r in whole[:4])
            return self._asked(Question("Which of these do you mean?", options, about="reading"), (), whole)
        return Draft("drafted", self.name, (replace(whole[0]),))

    def _asked(self, question: Question, words: tuple[str, ...] = (), found: list[Reading] | None = None) -> Draft:
        return Draft("question", self.name, tuple(found or ()), question, words)

    def _refused(self, text: str) -> Draft:
        return Draft("refused", self.name, message=text)


def _about_words(words: tuple[str, ...], lexicon: Lexicon) -> Question:
    near = near_words(words[0].lower(), lexicon)
    listed = ", ".join(f"`{w}`" for w in words[:4])
    text = f"What do you mean by {listed}?"
    return Question(text, (*near, "leave it out"), about="unplaced")
