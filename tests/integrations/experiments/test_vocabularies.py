from __future__ import annotations

import pytest
from rated_jobs import other_vocabulary

from integrations.experiments.vocabularies import default_vocabulary, list_vocabularies, register_vocabulary
from integrations.jobs.database import Database
from scoring.errors import Conflict, InputError, VocabularyError
from scoring.vocabulary import built_in_vocabulary, parse_vocabulary


def test_a_registered_text_is_kept_whole_under_its_hash(database: Database) -> None:
    text = other_vocabulary("warmer")
    made = register_vocabulary(database, "warmer", text)
    assert made.sha256 == parse_vocabulary(text, "it").sha256
    assert register_vocabulary(database, "warmer", text) == made
    assert [(row.name, row.text) for row in list_vocabularies(database)] == [("built-in", ""), ("warmer", text)]


def test_versions_never_change_what_they_are(database: Database) -> None:
    register_vocabulary(database, "warmer", other_vocabulary("warmer"))
    with pytest.raises(Conflict, match="means another"):
        register_vocabulary(database, "warmer", other_vocabulary("warmest"))
    with pytest.raises(Conflict, match="known as 'warmer'"):
        register_vocabulary(database, "twin", other_vocabulary("warmer"))
    with pytest.raises(Conflict, match="means another"):
        register_vocabulary(database, "built-in", other_vocabulary("mine"))


def test_a_text_that_is_no_vocabulary_and_a_name_that_is_none_are_refused(database: Database) -> None:
    with pytest.raises(VocabularyError, match="no TOML"):
        register_vocabulary(database, "broken", "= 3")
    with pytest.raises(VocabularyError, match="poles"):
        register_vocabulary(database, "poleless", other_vocabulary("x").replace("[poles.tension]", "[poles.tensions]"))
    styled = other_vocabulary("x").replace("styles = [", 'styles = ["no-such-style", ', 1)
    with pytest.raises(VocabularyError, match="no-such-style"):
        register_vocabulary(database, "styled", styled)
    with pytest.raises(InputError, match="name"):
        register_vocabulary(database, "No Name", other_vocabulary("x"))
    assert [row.name for row in list_vocabularies(database)] == ["built-in"]


def test_the_built_in_text_is_the_built_in_one_whoever_brings_it(database: Database) -> None:
    from importlib import resources

    text = (resources.files("scoring") / "data" / "vocabulary.toml").read_text(encoding="utf-8")
    assert register_vocabulary(database, "mine", text).name == "built-in"


def test_without_promotions_the_default_is_the_built_in_one(database: Database) -> None:
    with database.reading() as connection:
        default = default_vocabulary(connection)
    assert (default.sha256, default.text) == (built_in_vocabulary().sha256, "")
