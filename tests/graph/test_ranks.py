"""Which rule wins can be said in words, and stands in the draft as `overrides`."""

from __future__ import annotations

import pytest

from tests.graph.talk import Talk, rule_of
from tests.graph.world import reply_of

MEETS = "Patients over 70 need no prior authorization for a brain MRI"
LARGE = "Commercial insurers and large scans"


@pytest.mark.parametrize(
    "said",
    [
        "the new one wins",
        "this rule should beat the others",
        "let the new rule win",
        "it takes precedence over “Commercial insurers and large scans”.",
        "This one overrides the rule Commercial insurers and large scans",
        "no, my rule must come before the large scans rule",
    ],
)
async def test_the_draft_wins_where_its_author_says_so(talk: Talk, said: str) -> None:
    card = await talk.card(MEETS)
    assert "the new one wins" in card.payload["blockers"][0]
    won = await talk.card(said)
    assert f'overrides "{LARGE}"' in rule_of(won)
    assert won.payload["can_confirm"]
    assert said in won.payload["said"]
    assert "Saved" in reply_of(await talk.say("yes")).text


@pytest.mark.parametrize(
    "said",
    ["the old rule wins", "“Commercial insurers and large scans” takes precedence over this rule",
     "the large scans rule should beat it"],
)  # fmt: skip
async def test_a_standing_rule_wins_where_its_author_says_so(talk: Talk, said: str) -> None:
    title = (await talk.card(MEETS)).payload["rules"][0]["title"]
    card = await talk.card(said)
    assert f'rule "{LARGE}"' in rule_of(card)
    assert f'overrides "{title}"' in rule_of(card)
    assert card.payload["can_confirm"]


async def test_which_rule_is_asked_where_several_are_called_so(talk: Talk) -> None:
    await talk.card(MEETS)
    asked = await talk.card("this rule should beat the authorization rule")
    assert asked.payload["text"] == "Which rule do you mean?"
    chosen = asked.payload["options"][0]
    assert f'overrides "{chosen}"' in rule_of(await talk.card(chosen))


async def test_a_rank_is_taken_back(talk: Talk) -> None:
    before = rule_of(await talk.card(MEETS))
    await talk.card("the new one wins")
    assert rule_of(await talk.card("undo")) == before
