"""What a digest says, from facts alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from tocsin.digest.brand_weeks import count_change, share_change, whole_percents
from tocsin.digest.content import compose
from tocsin.digest.facts import Before, EvidencePost, Facts, Listened, Occasion, Week
from tocsin.store.records import Episode, Gap, Voices

Make = Callable[..., Facts]
Hear = Callable[..., Listened]


def test_the_subject_tells_the_news(make_facts: Make, backlash: Episode) -> None:
    content = compose(make_facts(episodes=(backlash,)))
    assert content.subject == "Acme: backlash emerging, 43 voices, forum and hn"
    assert content.mood == "backlash"
    assert content.verdict == "Backlash against Acme is emerging: 43 people on forum and hn, not seen in 46 days."


def test_a_quiet_day_is_called_quiet_and_is_short(make_facts: Make) -> None:
    content = compose(make_facts())
    assert content.subject == "Quiet on 22 Nov 2026"
    assert content.verdict == "Quiet: no backlash and no unusual attention for Acme."
    assert (content.backlash, content.attention, content.over) == ((), (), ())
    assert content.hearing.summary == "All 2 sources were read."


def test_quiet_never_hides_blindness(make_facts: Make, heard: Hear) -> None:
    sources = (heard("forum", silent_h=41), heard("hn"), heard("reviews", status="failed", detail="connection refused"))
    content = compose(make_facts(sources=sources))
    assert content.subject == "Quiet on 22 Nov 2026, but blind on 2 of 3 sources"
    assert content.mood == "blind"
    assert "But we were blind on 2 of 3 sources." in content.verdict
    assert "forum silent for 41 h" in content.hearing.summary
    assert "reviews could not be read: connection refused" in content.hearing.summary
    assert all(source.advice for source in content.hearing.blind)


def test_a_source_that_is_not_read_any_more_is_blind(make_facts: Make, heard: Hear) -> None:
    old, never = heard("forum", age_h=50), Listened("new", 30, None, None)
    content = compose(make_facts(sources=(old, never)))
    assert [source.words for source in content.hearing.blind] == [
        "was last read 50 h ago (Fri 20 Nov 04:12)",
        "has not been read yet",
    ]


def test_a_source_read_in_part_is_named_but_not_blind(make_facts: Make, heard: Hear) -> None:
    content = compose(
        make_facts(sources=(heard("forum", status="partial", detail="2 pages answered 503"), heard("hn")))
    )
    assert content.hearing.phrase is None
    assert [source.words for source in content.hearing.partial] == ["was read in part: 2 pages answered 503"]


def test_known_gaps_are_told(make_facts: Make, backlash: Episode) -> None:
    gaps = tuple(Gap("forum", f"forum:{n}", backlash.at, 6, "budget spent") for n in (1, 2))
    assert compose(make_facts(gaps=gaps)).hearing.gaps == (
        "forum: at least 12 posts in 2 threads are known to be missing (budget spent)",
    )


def test_episodes_come_by_severity_and_risk_and_attention_apart(
    make_facts: Make, backlash: Episode, attention: Episode
) -> None:
    worse = replace(backlash, id="ep-3", level=3, severity_days=130.0)
    riskier = replace(backlash, id="ep-4", risk=0.9)
    content = compose(make_facts(episodes=(attention, backlash, worse, riskier)))
    assert [episode.id for episode in content.backlash] == ["ep-3", "ep-4", "ep-1"]
    assert [episode.id for episode in content.attention] == ["ep-2"]
    assert content.subject.startswith("Acme: backlash emerging")
    assert "2 more backlashes are reported below." in content.verdict


def test_attention_alone_is_not_called_backlash(make_facts: Make, attention: Episode) -> None:
    content = compose(make_facts(episodes=(attention,)))
    assert content.mood == "attention"
    assert content.subject.startswith("Acme: attention, 29 voices")
    assert content.verdict == "No backlash. Acme is talked about more than usual, without anger."
    assert content.attention[0].campaign is not None
    assert content.attention[0].campaign.startswith("copy-paste: 18 of 31 posts")


def test_voices_are_bounds_when_authors_are_unknown(make_facts: Make, backlash: Episode) -> None:
    episode = replace(backlash, voices=Voices(400, 320, 333, 12, 0.09))
    content = compose(make_facts(episodes=(episode,)))
    assert content.backlash[0].voices == "400 posts = 320 to 333 people, 12 wordings, the top 5 wrote 9 %"


def test_each_gate_is_explained_with_its_baseline(make_facts: Make, backlash: Episode) -> None:
    reasons = {reason.name: reason for reason in compose(make_facts(episodes=(backlash,))).backlash[0].reasons}
    size = reasons["At its most unusual (24 h)"]
    assert size.found == "41 negative voices"
    assert size.usual == "usual for this time of the week: 3.1, 13 times as many"
    assert reasons["How negative"].found == "81 % of the judged voices"
    assert reasons["How unusual"].found == "not seen in 46 days"
    assert reasons["How unusual"].usual == "by chance: once in 46 days"
    assert "usual: 22 %" in reasons["How negative"].usual
    assert reasons["Copied text"].found == "43 accounts"
    assert reasons["Pile-on risk"].found == "71 %"
    assert reasons["Not judged"].found == "7 % of the voices"


def test_what_was_not_observed_is_left_out_of_the_reasons(make_facts: Make, backlash: Episode) -> None:
    bare = replace(backlash, parts={"negative_share": None}, risk=None)
    assert [reason.name for reason in compose(make_facts(episodes=(bare,))).backlash[0].reasons] == ["How unusual"]


def test_a_severity_capped_by_the_history_says_so(make_facts: Make, backlash: Episode) -> None:
    capped = replace(backlash, severity_days=42.0, parts={"return_days": 36_500.0})
    assert "not seen in all 42 days held" in compose(make_facts(episodes=(capped,))).verdict


def test_an_episode_says_what_is_new_since_the_last_digest(make_facts: Make, backlash: Episode) -> None:
    before = {"ep-1": Before("emerging", 1, 20)}
    growing = replace(backlash, state="growing")
    content = compose(make_facts(episodes=(growing,), before=before))
    assert content.backlash[0].news == "risen from level 1 to 2, was emerging, now growing, 23 more voices"
    assert compose(make_facts(episodes=(backlash,))).backlash[0].news == "new"


def test_the_end_of_an_episode_is_told_apart(make_facts: Make, backlash: Episode) -> None:
    over = replace(backlash, state="over", over_at=backlash.at)
    content = compose(make_facts(episodes=(over,), before={"ep-1": Before("peaked", 2, 43)}))
    assert content.subject == "Quiet on 22 Nov 2026"
    assert [episode.headline for episode in content.over] == ["Backlash against Acme is over"]


def test_evidence_is_quoted_with_place_time_and_likes(make_facts: Make, backlash: Episode, post: EvidencePost) -> None:
    evidence = {"ep-1": (post, replace(post, author=None, url="javascript:alert(1)", likes=None))}
    first, second = compose(make_facts(episodes=(backlash,), evidence=evidence)).backlash[0].quotes
    assert (first.author, first.when, first.likes) == ("marta_k", "Sat 21 Nov 12:12 CET", 41)
    assert first.url == "https://forum.example/t/1#post-1"
    assert (second.author, second.url, second.likes) == ("unknown author", None, None)


def test_several_nights_are_named(make_facts: Make) -> None:
    content = compose(make_facts(occasion=Occasion(nights=("2026-11-20", "2026-11-21", "2026-11-22"))))
    assert content.covers == "covers 3 nights: 20-22 Nov"
    assert content.subject == "Quiet on 22 Nov 2026 (3 nights)"


def test_a_young_history_says_that_nothing_is_called_unusual(make_facts: Make) -> None:
    content = compose(make_facts(history_days={"Acme": 3.0}))
    assert content.cold_start == (
        "Acme: 3 days of talk are held. Before 14 days nothing can be called unusual, so nothing is.",
    )
    assert compose(make_facts()).cold_start == ()
    assert compose(make_facts(occasion=Occasion(learning=("blog",)))).cold_start == (
        "blog: a new source. It counts once it was listened to for 14 days.",
    )


def test_trouble_in_the_run_reaches_the_reader(make_facts: Make) -> None:
    content = compose(make_facts(occasion=Occasion(troubles=("tag: no model; the tone of new posts is unknown",))))
    assert content.troubles == ("tag: no model; the tone of new posts is unknown",)


def test_weeks_are_compared_and_share_of_voice_needs_company(make_facts: Make) -> None:
    weeks = {
        "Acme": (Week(140, 82, 61, 40, 30, 9), Week(70, 50, 14, 30, 22, 4)),
        "Beta": (Week(60, 40, 11, 30, 12, 7), Week(64, 41, 10, 31, 15, 8)),
    }
    both = compose(make_facts(weeks=weeks, brands=(("Acme", "own"), ("Beta", "competitor")))).brands
    assert [(brand.name, brand.negative + brand.neutral + brand.positive) for brand in both] == [
        ("Acme", 100),
        ("Beta", 100),
    ]
    assert both[0].share_of_voice is not None
    assert (both[0].share_of_voice.now, both[0].share_of_voice.arrow) == ("70 %", "up")
    assert both[0].negative_share.arrow == "up"
    assert both[1].volume.arrow == "steady"
    assert compose(make_facts()).brands[0].share_of_voice is None


@pytest.mark.parametrize(
    ("now", "before", "arrow"),
    [((50, 100), (20, 100), "up"), ((22, 100), (20, 100), "steady"), ((3, 5), (0, 5), "unknown")],
)
def test_arrows_stand_only_for_more_than_noise(now: tuple[int, int], before: tuple[int, int], arrow: str) -> None:
    assert share_change(*now, *before).arrow == arrow


def test_counts_and_percents_of_nothing_are_harmless() -> None:
    assert whole_percents(0, 0, 0) == (0, 0, 0)
    assert sum(whole_percents(1, 1, 1)) == 100
    assert count_change(0, 0).arrow == "unknown"
    assert share_change(0, 0, 0, 0).now == "-"


def test_the_same_facts_give_the_same_words(make_facts: Make, backlash: Episode) -> None:
    facts = make_facts(episodes=(backlash,))
    assert compose(facts) == compose(facts)
    assert compose(replace(facts, now=facts.now + timedelta(days=30))).hearing.blind
