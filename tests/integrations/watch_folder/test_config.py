"""Settings of a watch folder: read, refused with file, key and value, laid over one another, read again."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.watch_folder.config import WatchConfig, read_config
from integrations.watch_folder.said import Said
from integrations.watch_folder.settings_file import FolderRule, Moves
from scoring.errors import ConfigError

FILM = Path("film.mp4")


def config_of(root: Path, text: str) -> WatchConfig:
    (root / "watch.toml").write_text(text, encoding="utf-8")
    return read_config(None, root)


def put(path: Path, text: str = "x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def wish(config: WatchConfig, film: str) -> dict[str, object]:
    (config.root / film).parent.mkdir(parents=True, exist_ok=True)
    return dict(config.wanted_for(Path(film)).order.wish)


def test_without_a_file_the_usual_settings_count(tmp_path: Path) -> None:
    config = read_config(None, tmp_path)
    assert (config.poll_s, config.settle_s, config.looks, config.patience_s, config.workers) == (2.0, 5.0, 3, 600, None)
    assert "*.mp4" in config.patterns
    wanted = config.wanted_for(FILM)
    assert (wanted.order.kind, wanted.order.wish, wanted.done, wanted.failed) == ("score", {}, None, None)


def test_a_file_says_everything_that_an_order_takes(tmp_path: Path) -> None:
    config = config_of(
        tmp_path,
        """
        [watch]
        poll_s = 1
        settle_s = 0
        looks = 4
        patience_s = 60
        workers = 0
        patterns = ["*_FINAL.mov"]
        done = "finished/ones"
        failed = "in-place"
        [score]
        style = "ambient"
        engine = "composer"
        loudness = "ebu-r128"
        dialogue = "keep"
        clearance_lu = 20
        seed = 5
        stems = true
        music = true
        takes = 2
        starts_at_s = 3600
        no_music = [[0, 2], [5, 6.5]]
        instruments = ["piano"]
        bpm = 90
        """,
    )
    assert (config.poll_s, config.settle_s, config.looks, config.workers) == (1.0, 0.0, 4, 0)
    assert config.patterns == ("*_final.mov",)
    wanted = config.wanted_for(FILM)
    assert wanted.done == tmp_path / "finished/ones"
    assert wanted.failed is None
    assert config.own_folders == (tmp_path / "finished/ones",)
    assert wanted.order.wish["no_music"] == [[0.0, 2.0], [5.0, 6.5]]
    assert wanted.order.wish["takes"] == 2
    assert wanted.order.wish["clearance_lu"] == 20.0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[score]\nstile = 'x'", r"watch.toml: \[score\]: stile = 'x' is not known. Known: style, .*vocabulary"),
        ("[score]\nstyle = 'dull'", r"\[score\]: style: there is no style called 'dull'. Choose one of: ambient"),
        ("[score]\nstyle = 5", r"\[score\]: style is 5, not text"),
        ("[score]\nclearance_lu = 99", r"clearance_lu is 99. Give a number of 0 to 30"),
        ("[score]\nclearance_lu = nan", r"clearance_lu is nan. Give a number"),
        ("[score]\nseed = true", r"seed is True. Give a whole number"),
        ("[score]\nstems = 'yes'", r"stems is 'yes'. Give true or false"),
        ("[score]\ndialogue = 'mute'", r"there is no dialogue called 'mute'. Choose one of: duck, keep, replace"),
        ("[score]\nmood = 'zzz'", r"\[score\]: .*zzz"),
        ("[score]\ninstruments = ['zither of doom']", r"\[score\]: instruments: .*zither of doom"),
        ("[score]\nwords = 'none.srt'", r"words: .*none.srt cannot be read: No such file"),
        ("[score]\nwords = 5", r"words is 5. Give the path of a file"),
        ("[score]\nwords = '../out.srt'", r"words is '../out.srt', which lies outside the watch folder"),
        ("[score]\nhit_colour = 5", r"hit_colour is 5"),
        ("[watch]\npoll_s = 0", r"\[watch\]: poll_s is 0. Give a number of 0.1 to 3600"),
        ("[watch]\nlooks = 1.5", r"looks is 1.5. Give a whole number of 2 to 100"),
        ("[watch]\nworkers = -1", r"workers is -1"),
        ("[watch]\npoll = 3", r"\[watch\]: poll = 3 is not known. Known: poll_s"),
        ("[watch]\npatterns = []", r"patterns is \[\]. Give a list of names"),
        ("[watch]\npatterns = ['a/*.mp4']", r"patterns is \['a/\*.mp4'\]"),
        ("[watch]\nside_cars = ['subtitles']", r"side_cars is .*settings, cues, prompts, words, timeline"),
        ("[watch]\ndone = ''", r"done is ''. Give a folder"),
        ("[watch]\ndone = '../done'", r"done is '../done'"),
        ("[watch]\ndone = '/somewhere'", r"moved to /somewhere. .*only in a file given with --config"),
        ("[watch]\nfailed = '.'", r"failed is '.'"),
        ("watch = 3", r"watch is 3. Give a table"),
        ("[folders]\ntrailers = 3", r'\[folders."trailers"\] is 3. Give a table'),
        ("[folders.'a\\b']\nseed = 1", r"names no folder. Write it from the watch folder down, with /"),
        ("[folders.'../a']\nseed = 1", r"names no folder"),
        ("[folders.'/a']\nseed = 1", r"names no folder"),
        ("[folders.a]\nstyle = 'dull'", r'\[folders."a"\]: style: there is no style called'),
        ("[folders.a]\npoll_s = 3", r'\[folders."a"\]: poll_s = 3 is not known'),
        ("style = 'ambient'", r"style = 'ambient' is not known. Known: watch, score, folders"),
        ("[score\n", r"watch.toml is not TOML: .*line 1"),
        ('[score]\nwords = "C:\\Users\\x"', r"is not TOML: .*'single quotes'"),
        ("a = " + "[" * 5000, r"nested too deep|not TOML"),
    ],
)
def test_what_is_wrong_is_named_with_file_key_value_and_what_is_allowed(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        config_of(tmp_path, text)
    assert "watch.toml" in str(refused.value)
    assert "\n" not in str(refused.value)
    assert re.search(said, str(refused.value)), str(refused.value)


def test_a_file_of_bytes_that_are_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "watch.toml").write_bytes("[score]\nstyle='ambient'".encode("utf-16"))
    with pytest.raises(ConfigError, match="not UTF-8"):
        read_config(None, tmp_path)


def test_a_mark_at_the_start_of_the_file_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "watch.toml").write_bytes(b"\xef\xbb\xbf[score]\r\nstyle='ambient'\r\n")
    assert wish(read_config(None, tmp_path), "a.mp4") == {"style": "ambient"}


def test_a_pipe_in_the_settings_place_blocks_nobody(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    put(tmp_path / "watch.toml", "[score]\nwords = 'pipe'")
    with pytest.raises(ConfigError, match="no regular file"):
        read_config(None, tmp_path)


def test_a_file_too_large_is_not_read_whole(tmp_path: Path) -> None:
    with (tmp_path / "big.srt").open("wb") as file:
        file.truncate(50 * 2**30)
    put(tmp_path / "watch.toml", "[score]\nwords = 'big.srt'")
    with pytest.raises(ConfigError, match="more than 8 MiB"):
        read_config(None, tmp_path)


def test_a_config_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml is no file"):
        read_config(tmp_path / "none.toml", tmp_path)


def test_the_operators_own_file_may_name_what_lies_outside(tmp_path: Path) -> None:
    root = tmp_path / "in"
    root.mkdir()
    put(tmp_path / "etc/said.srt", "1\n00:00:01,000 --> 00:00:02,000\nhello\n")
    path = put(tmp_path / "etc/w.toml", f"[watch]\ndone = '{tmp_path}/archive'\n[score]\nwords = 'said.srt'")
    wanted = read_config(path, root).wanted_for(FILM)
    assert "hello" in wanted.order.texts["words"]
    assert wanted.done == tmp_path / "archive"


@pytest.mark.parametrize("done", ["/", "{root}", "{parent}"])
def test_films_are_not_moved_to_what_holds_the_watch_folder(tmp_path: Path, done: str) -> None:
    root = tmp_path / "in"
    root.mkdir()
    path = put(tmp_path / "w.toml", f"[watch]\ndone = '{done.format(root=root, parent=tmp_path)}'")
    with pytest.raises(ConfigError, match="films are to be moved to"):
        read_config(path, root)


def test_a_link_out_of_the_folder_is_no_way_to_read_a_file(tmp_path: Path) -> None:
    root = tmp_path / "in"
    put(tmp_path / "secret.txt", "password")
    (root / "sub").mkdir(parents=True)
    (root / "sub/words.txt").symlink_to(tmp_path / "secret.txt")
    put(root / "sub/watch.toml", "[score]\nwords = 'words.txt'")
    with pytest.raises(ConfigError, match="outside the watch folder"):
        read_config(None, root).wanted_for(Path("sub/film.mp4"))
    (root / "sub/watch.toml").unlink()
    (root / "sub/watch.toml").symlink_to(put(tmp_path / "w.toml", "[score]\nseed = 1"))
    with pytest.raises(ConfigError, match="link out of the watch folder"):
        read_config(None, root).wanted_for(Path("sub/film.mp4"))


# Sub-folders --------------------------------------------------------------------------------------


def test_the_rule_that_names_the_deeper_folder_counts_and_the_rest_is_inherited(tmp_path: Path) -> None:
    config = config_of(
        tmp_path,
        """
        [watch]
        done = "done"
        [score]
        style = "cinematic"
        seed = 1
        [folders."trailers/de/**"]
        seed = 3
        [folders."trailers/**"]
        style = "upbeat"
        seed = 2
        stems = true
        done = "in-place"
        """,
    )
    assert wish(config, "a.mp4") == {"style": "cinematic", "seed": 1}
    assert wish(config, "trailersX/a.mp4") == {"style": "cinematic", "seed": 1}
    assert wish(config, "trailers/a.mp4") == {"style": "upbeat", "seed": 2, "stems": True}
    assert wish(config, "trailers/de/x/a.mp4") == {"style": "upbeat", "seed": 3, "stems": True}
    assert config.wanted_for(Path("trailers/de/a.mp4")).done is None
    assert config.wanted_for(Path("a.mp4")).done == tmp_path / "done"


def test_of_rules_for_the_same_folder_the_one_that_spells_it_out_counts(tmp_path: Path) -> None:
    rules = {"a/b": 1, "a/*": 2, "**/b": 3, "**": 4}
    config = config_of(tmp_path, "\n".join(f"[folders.'{pattern}']\nseed = {seed}" for pattern, seed in rules.items()))
    assert wish(config, "a/b/f.mp4") == {"seed": 1}
    assert wish(config, "a/c/f.mp4") == {"seed": 2}
    assert wish(config, "x/y/b/z/f.mp4") == {"seed": 3}
    assert wish(config, "x/f.mp4") == {"seed": 4}


def test_an_empty_value_takes_back_what_was_said_further_out(tmp_path: Path) -> None:
    put(tmp_path / "p.txt", '[0:00] "calm"')
    config = config_of(
        tmp_path,
        "[score]\nseed = 4\nstyle = 'ambient'\nprompts = 'p.txt'\nno_music = [[0, 1]]\n"
        "[folders.a]\nseed = ''\nprompts = ''\nno_music = []",
    )
    wanted = config.wanted_for(Path("a/f.mp4").relative_to("a"))
    assert set(wanted.order.wish) == {"seed", "style", "no_music"}
    (tmp_path / "a").mkdir()
    wanted = config.wanted_for(Path("a/f.mp4"))
    assert wanted.order.wish == {"style": "ambient"}
    assert wanted.order.texts == {}


def test_a_folder_named_on_a_mac_is_found_by_the_name_others_write(tmp_path: Path) -> None:
    config = config_of(tmp_path, "[folders.'caf\u00e9']\nseed = 9")
    assert wish(config, "cafe\u0301/f.mp4") == {"seed": 9}


def test_a_file_in_a_sub_folder_counts_from_there_down(tmp_path: Path) -> None:
    config = config_of(tmp_path, "[score]\nstyle = 'cinematic'\nseed = 1\n[folders.'a/b/c']\nseed = 2")
    put(tmp_path / "a/watch.toml", "[score]\nstyle = 'ambient'\nwords = 'w.txt'\n[folders.b]\nseed = 7")
    put(tmp_path / "a/w.txt", "Once upon a time there was a film about the sea.")
    put(tmp_path / "a/b/watch.toml", "[score]\nstems = true")
    assert wish(config, "f.mp4") == {"style": "cinematic", "seed": 1}
    assert wish(config, "a/f.mp4") == {"style": "ambient", "seed": 1}
    assert wish(config, "a/b/c/f.mp4") == {"style": "ambient", "seed": 7, "stems": True}
    assert "the sea" in config.wanted_for(Path("a/b/f.mp4")).order.texts["words"]


def test_a_file_in_a_sub_folder_does_not_set_the_watch_folder_itself(tmp_path: Path) -> None:
    config = read_config(None, tmp_path)
    put(tmp_path / "a/watch.toml", "[watch]\npoll_s = 1")
    with pytest.raises(ConfigError, match=r"\[watch\] is for the whole watch folder"):
        config.wanted_for(Path("a/f.mp4"))
    (tmp_path / "b").mkdir()
    put(tmp_path / "b/watch.toml", "[folders.c]\ndone = 'x'")
    with pytest.raises(ConfigError, match="done = 'x' is not known"):
        config.wanted_for(Path("b/f.mp4"))


def test_a_bad_file_in_one_folder_leaves_the_films_of_others_alone(tmp_path: Path) -> None:
    config = read_config(None, tmp_path)
    put(tmp_path / "a/watch.toml", "[score]\nstyle = ")
    (tmp_path / "b").mkdir()
    with pytest.raises(ConfigError, match=r"a/watch\.toml"):
        config.wanted_for(Path("a/f.mp4"))
    assert config.wanted_for(Path("b/f.mp4")).order.kind == "score"


def test_a_mood_of_an_own_vocabulary_may_be_said_further_in(tmp_path: Path) -> None:
    root = Path(__file__).parents[3]
    text = (root / "scoring/data/vocabulary.toml").read_text(encoding="utf-8")
    put(tmp_path / "v.toml", text)
    config = config_of(tmp_path, "[folders.a]\nvocabulary = 'v.toml'\n[folders.'a/b']\nmood = 'no such mood'")
    (tmp_path / "a/b").mkdir(parents=True)
    with pytest.raises(ConfigError, match=r"the settings for a/b/f\.mp4: .*no such mood"):
        config.wanted_for(Path("a/b/f.mp4"))


# Edits while films come in ------------------------------------------------------------------------


def test_an_edit_counts_from_the_next_look_on(tmp_path: Path) -> None:
    config = config_of(tmp_path, "[score]\nseed = 1")
    assert config.refreshed() is config
    put(tmp_path / "watch.toml", "[watch]\npoll_s = 7\n[score]\nseed = 22")
    now = config.refreshed()
    assert (now.poll_s, wish(now, "f.mp4")) == (7.0, {"seed": 22})


@pytest.mark.parametrize("broken", ["[score", "[score]\nseed = 'x'", "[watch]\ndone = '/'", "[score]\nwords='none'"])
def test_a_broken_edit_keeps_the_last_good_settings_and_is_told_once(tmp_path: Path, broken: str) -> None:
    heard: list[str] = []
    put(tmp_path / "watch.toml", "[score]\nseed = 1")
    config = read_config(None, tmp_path, heard.append)
    put(tmp_path / "watch.toml", broken)
    assert config.refreshed() is config
    assert config.refreshed() is config
    assert len(heard) == 1
    assert "stay as they were" in heard[0]
    put(tmp_path / "watch.toml", "[score]\nseed = 33")
    assert wish(config.refreshed(), "f.mp4") == {"seed": 33}


def test_a_broken_edit_of_a_sub_folders_file_keeps_the_last_good_one_too(tmp_path: Path) -> None:
    heard: list[str] = []
    config = read_config(None, tmp_path, heard.append)
    put(tmp_path / "a/watch.toml", "[score]\nseed = 5")
    assert wish(config, "a/f.mp4") == {"seed": 5}
    put(tmp_path / "a/watch.toml", "[score]\nseed = ")
    assert wish(config, "a/f.mp4") == {"seed": 5}
    assert wish(config, "a/g.mp4") == {"seed": 5}
    assert len(heard) == 1
    (tmp_path / "a/watch.toml").unlink()
    assert wish(config, "a/f.mp4") == {}


def test_a_change_of_a_file_that_is_named_counts_and_one_that_breaks_it_does_not(tmp_path: Path) -> None:
    heard: list[str] = []
    put(tmp_path / "w.txt", "The first words that were written.")
    put(tmp_path / "watch.toml", "[score]\nwords = 'w.txt'")
    config = read_config(None, tmp_path, heard.append)
    put(tmp_path / "w.txt", "Other words, and more of them.")
    config = config.refreshed()
    assert config.wanted_for(FILM).order.texts["words"].startswith("Other")
    (tmp_path / "w.txt").unlink()
    assert config.refreshed() is config
    assert len(heard) == 1


def test_a_share_that_goes_away_keeps_the_settings(tmp_path: Path) -> None:
    heard: list[str] = []
    put(tmp_path / "in/watch.toml", "[score]\nseed = 8")
    config = read_config(None, tmp_path / "in", heard.append)
    (tmp_path / "in").rename(tmp_path / "away")
    assert config.refreshed() is config
    (tmp_path / "away").rename(tmp_path / "in")
    assert wish(config.refreshed(), "f.mp4") == {"seed": 8}


# For any settings ---------------------------------------------------------------------------------

NAMES = st.sampled_from(["a", "b", "c"])
FOLDERS = st.lists(NAMES, max_size=4)
PATTERNS = st.lists(st.sampled_from(["a", "b", "c", "*", "**"]), min_size=1, max_size=4)


@given(PATTERNS, FOLDERS, FOLDERS)
def test_a_rule_that_fits_a_folder_fits_all_below_it(pattern: list[str], folder: list[str], below: list[str]) -> None:
    rule = FolderRule(tuple(pattern), 0, Said(), Moves())
    outer, inner = rule.rank(Path(*folder)), rule.rank(Path(*folder, *below))
    if outer is not None:
        assert inner is not None
        assert inner >= outer


@given(FOLDERS.filter(bool), FOLDERS)
def test_a_folder_spelt_out_is_fitted_at_its_own_depth(folder: list[str], below: list[str]) -> None:
    rule = FolderRule(tuple(folder), 0, Said(), Moves())
    assert rule.rank(Path(*folder, *below)) == (len(folder), len(folder), 0)
    assert rule.rank(Path(*folder[:-1])) is None


def said(value: st.SearchStrategy[object]) -> st.SearchStrategy[Said]:
    keys = st.sampled_from(["seed", "style", "bpm"])
    return st.builds(
        lambda wish, texts: Said(wish, texts), st.dictionaries(keys, value), st.dictionaries(keys, st.text())
    )


@given(said(st.integers()), said(st.integers()), said(st.integers()))
def test_laying_settings_over_one_another_does_not_depend_on_how_they_are_grouped(a: Said, b: Said, c: Said) -> None:
    assert a.then(b).then(c) == a.then(b.then(c))
    assert Said().then(a) == a == a.then(Said())


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(
        st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8),
        st.one_of(st.integers(), st.booleans(), st.text(max_size=5), st.lists(st.integers(), max_size=2)),
        max_size=3,
    )
)
def test_any_table_is_read_or_refused_in_one_line(
    tmp_path_factory: pytest.TempPathFactory, table: dict[str, object]
) -> None:
    import json

    root = tmp_path_factory.mktemp("in")
    lines = [f"{json.dumps(key)} = {json.dumps(value)}" for key, value in table.items()]
    refusal = ""
    try:
        config_of(root, "[score]\n" + "\n".join(lines))
    except ConfigError as error:
        refusal = str(error)
    assert "\n" not in refusal
