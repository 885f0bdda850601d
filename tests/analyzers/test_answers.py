"""What docs/model.md promises about single posts, held to the shipped model."""

import pytest

from analyzers.judging import judge, judge_derailment, judge_stances, judge_towards
from analyzers.model import EmbeddedModel
from analyzers.reading import conversation
from tocsin.config import shipped


@pytest.fixture(scope="module")
def model() -> EmbeddedModel:
    return EmbeddedModel.load(shipped("data", "model"))


@pytest.mark.parametrize(
    ("text", "praised", "cursed"),
    [
        ("Norvik was wonderful from day one, but Hexal is a complete disaster and never answers.", "Norvik", "Hexal"),
        ("We love Norvik, their people are great. Hexal is terrible, we hate every minute with it.", "Norvik", "Hexal"),
        ("Hexal lost our data twice, while Norvik has been rock solid and a joy to use.", "Norvik", "Hexal"),
    ],
)
def test_a_praised_and_a_cursed_brand_of_one_post_come_out_apart(
    model: EmbeddedModel, text: str, praised: str, cursed: str
) -> None:
    good, bad = judge_towards(model, [(text, praised), (text, cursed)])
    assert (good.sentiment, bad.sentiment) == ("positive", "negative")


def test_a_brand_far_into_a_long_post_is_judged_by_what_stands_around_it(model: EmbeddedModel) -> None:
    before = "The meeting took place on Tuesday and the minutes were sent to all members. " * 200
    text = before + "Hexal is the worst supplier we ever had, a terrible disappointment. " + before
    (said,) = judge_towards(model, [(text, "Hexal")])
    assert said.sentiment == "negative"


@pytest.mark.parametrize(
    ("text", "opposite"),
    [
        ("The new release is good.", "The new release is not good."),
        ("I would recommend them to anybody.", "I would never recommend them to anybody."),
        ("Their support helped us a lot.", "Their support did not help us at all."),
    ],
)
def test_negation_turns_the_tone(model: EmbeddedModel, text: str, opposite: str) -> None:
    plain, negated = judge(model, [text, opposite])
    assert plain.negative is not None
    assert negated.negative is not None
    assert negated.sentiment == "negative"
    assert negated.negative > plain.negative + 0.3


def test_marked_sarcasm_is_more_ironic_than_plain_thanks(model: EmbeddedModel) -> None:
    sarcastic, plain = judge(
        model,
        [
            "Oh great, another outage. Just what I needed on a Monday morning, thanks a lot #soreliable",
            "Support answered within an hour and the new version works well. Thank you.",
        ],
    )
    assert sarcastic.irony is not None
    assert plain.irony is not None
    assert sarcastic.irony > 0.5 > plain.irony


def test_emoji_are_read_as_their_names(model: EmbeddedModel) -> None:
    happy, angry = judge(model, ["the new update 😍🎉", "the new update 😡🤬"])
    assert happy.sentiment == "positive"
    assert angry.sentiment == "negative"
    assert judge(model, ["the new update enraged face face with symbols on mouth"])[0].negative == angry.negative


def test_handles_and_links_of_any_name_give_the_same_answer(model: EmbeddedModel) -> None:
    first, second = judge(
        model, ["@jane this is broken again https://a.test/x?y=1", "@bob_77 this is broken again http://b.example/"]
    )
    assert first == second


def test_shouting_is_read_as_shouting_and_not_as_other_words(model: EmbeddedModel) -> None:
    loud, quiet = judge(model, ["THIS IS THE WORST UPDATE EVER", "this is the worst update ever"])
    assert loud.sentiment == quiet.sentiment == "negative"
    assert loud != quiet


def test_code_alone_is_no_tone(model: EmbeddedModel) -> None:
    (code,) = judge(model, ["def load(path): return json.loads(path.read_text(encoding='utf-8'))"])
    assert code.sentiment == "neutral"
    assert code.hostility is not None
    assert code.hostility < 0.5


@pytest.mark.parametrize(
    "text",
    [
        "Das Update hat bei uns alles kaputt gemacht und niemand antwortet auf unsere Fragen.",
        "La mise à jour a tout cassé chez nous et personne ne répond à nos questions.",
        "この更新はひどい、すべてが壊れました。",
        "Обновление всё сломало, поддержка не отвечает.",
    ],
)
def test_other_languages_abstain_and_are_not_guessed(model: EmbeddedModel, text: str) -> None:
    (said,) = judge(model, [text])
    assert (said.abstained, said.negative, said.irony, said.anger) == ("language", None, None, None)


def test_ten_thousand_words_are_judged_by_their_beginning(model: EmbeddedModel) -> None:
    long = "This is an awful release, we are furious. " + "thank you, wonderful, great work, " * 2_500
    start = judge(model, [" ".join(long.split()[:200])])[0]
    whole = judge(model, [long])[0]
    assert whole == start


def test_a_denial_and_a_question_are_told_from_support(model: EmbeddedModel) -> None:
    parent = "Breaking: the supplier confirmed that all customer data was leaked last night."
    deny, query, support = judge_stances(
        model,
        [
            (parent, "This is false. No data was leaked, stop spreading this rumour."),
            (parent, "Where did you get this from? Do you have a source?"),
            (parent, "Yes, it is true, they just confirmed it to us as well."),
        ],
    )
    assert query.stance == "query"
    assert deny.deny > support.deny
    assert support.support > deny.support


def test_a_thread_that_turns_personal_is_forecast_higher_than_a_friendly_one(model: EmbeddedModel) -> None:
    calm = [
        "Does anybody know how to set the delay?",
        "Yes, it is under settings, second page.",
        "Found it, thank you!",
    ]
    tense = [
        "You removed my paragraph again without any reason.",
        "I gave my reason. You did not read it, as usual.",
        "You have no idea what you are talking about. Stop following my edits around.",
    ]
    friendly, turning = judge_derailment(model, [conversation(calm), conversation(tense)])
    assert turning > friendly
