"""What is told of each living episode."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from talk import BEGIN, row, said

from analyzers.stories import tell
from tocsin.store.records import Episode, Voices

CLAIM = "Acme raises the price of the gateway plan by {} in January."
ALIVE = Episode(
    id="ep-1",
    brand="Acme",
    kind="backlash",
    state="growing",
    at=BEGIN + timedelta(hours=2),
    onset_at=BEGIN,
    opened_at=BEGIN,
    peaked_at=None,
    over_at=None,
    level=1,
    severity_days=9.0,
    window_hours=24,
    voices=Voices(20, 20, 20, 2, 0.1),
    risk=None,
    parts={"voices": 20},
    threads=("f:t",),
    sources=("f",),
)


def test_a_living_episode_gets_its_story_and_one_that_is_over_keeps_what_it_had() -> None:
    over = replace(ALIVE, id="ep-0", state="over")
    rows = row([CLAIM.format("10 %")] * 10 + [CLAIM.format("40 %")] * 10)
    (ended, alive), stories = tell([over, ALIVE], rows, ["Acme"])
    assert ended == over
    assert set(stories) == {"ep-1"}
    assert [(step.added, step.lost) for step in stories["ep-1"].wordings][1] == ("40 %", "10 %")
    assert alive.parts["voices"] == 20
    assert alive.parts["echo_share"] == 0.9  # two wordings, unlike in one word of twelve: 18 of 20 repeat
    assert alive.parts["echo_pieces"] == 2.0
    assert alive.parts["contagion"] is None


def test_what_is_written_after_the_decision_is_not_told() -> None:
    rows = row([CLAIM.format("10 %")] * 10)
    later = [said(300 + n, CLAIM.format("40 %")) for n in range(10)]
    assert tell([ALIVE], [*rows, *later], ["Acme"]) == tell([ALIVE], rows, ["Acme"])


def test_a_claim_in_a_thread_beside_the_episode_is_followed_and_no_topic_of_it() -> None:
    beside = [said(30 + n, CLAIM.format("40 %"), thread="f:other") for n in range(10)]
    _, stories = tell([ALIVE], [*row([CLAIM.format("10 %")] * 10), *beside], ["Acme"])
    assert [step.added for step in stories["ep-1"].wordings][1] == "40 %"
    assert sum(topic.posts for topic in stories["ep-1"].topics) <= 10
