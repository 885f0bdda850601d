from pathlib import Path

import pytest

from analyzers.errors import TrainingError
from analyzers.training.recipe import Recipe, read_recipe

RECIPES = Path(__file__).resolve().parents[2] / "analyzers" / "training" / "recipes"


@pytest.mark.parametrize("name", ["listener-1a.toml", "listener-1b.toml", "listener-2.toml", "listener-3.toml"])
def test_the_recipes_of_the_embedded_model_can_be_read(name: str) -> None:
    assert read_recipe(RECIPES / name).caps[0][0] == "sentiment"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("epoch = 2", "'epoch'"),
        ("epochs = 'two'", "epochs"),
        ("caps = [1]", "caps"),
        ("balance = [['irony']]", "balance"),
        ("caps = [['mood', '*', 1]]", "mood"),
        ("epochs = ", "recipe"),
    ],
)
def test_a_wrong_recipe_is_refused_and_the_file_and_key_are_named(tmp_path: Path, text: str, named: str) -> None:
    path = tmp_path / "recipe.toml"
    path.write_text(text)
    with pytest.raises(TrainingError, match=named) as refused:
        read_recipe(path)
    assert "recipe.toml" in str(refused.value)


def test_an_empty_recipe_is_the_default(tmp_path: Path) -> None:
    path = tmp_path / "recipe.toml"
    path.write_text("")
    assert read_recipe(path) == Recipe()
