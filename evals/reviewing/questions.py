"""The set questions of a review, as MLflow's label schemas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from mlflow.genai.label_schemas import InputPassFail, InputText

RIGHT_RULE, RIGHT_QUESTION, RULE_MEANT = "right_rule", "right_question", "rule_meant"


@dataclass(frozen=True, slots=True)
class Asked:
    """One question to a reviewer."""

    name: str
    kind: Literal["feedback", "expectation"]
    words: str
    labels: tuple[str, str] | None = None
    """What a yes and a no are called; ``None`` where text is asked for."""

    def input(self) -> InputPassFail | InputText:
        from mlflow.genai.label_schemas import InputPassFail, InputText

        if self.labels is None:
            return InputText()
        return InputPassFail(positive_label=self.labels[0], negative_label=self.labels[1])


QUESTIONS: tuple[Asked, ...] = (
    Asked(
        RIGHT_RULE,
        "feedback",
        "Does the rule say what the author said: nothing left out, nothing added? "
        "Leave it open where no rule was drafted.",
        ("Right", "Wrong"),
    ),
    Asked(
        RIGHT_QUESTION,
        "feedback",
        "Was the question needed, and could its answer settle the matter? "
        "Leave it open where nothing was asked.",
        ("Worth asking", "Not worth asking"),
    ),
    Asked(
        RULE_MEANT,
        "expectation",
        "Only where the rule is wrong: the rule that was meant, as rule text. "
        "It becomes an expected result of every night.",
    ),
)
