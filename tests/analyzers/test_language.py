import pytest

from analyzers.language import language_of


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Das Update hat alles kaputt gemacht, niemand antwortet.", "de"),
        ("C'est une honte, personne ne répond à nos messages.", "fr"),
        ("値上げの理由が説明されていません。", "ja"),
        ("Спасибо за статью, мы видим то же самое.", "ru"),
    ],
)
def test_other_languages_are_named_and_not_judged(text: str, code: str) -> None:
    found = language_of(text)
    assert found.code == code
    assert not found.readable


@pytest.mark.parametrize("text", ["lol", "same here", "", "Shame on them. My whole plant is switching.", "👍"])
def test_english_and_what_is_too_short_to_tell_is_judged(text: str) -> None:
    assert language_of(text).readable
