from __future__ import annotations

import builtins
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from music_engine.ace_step.lyrics import cleaning, language_model, romanisation
from music_engine.ace_step.lyrics.libraries import library
from scoring.errors import EngineUnavailable

ROOT = Path(__file__).parents[4]


@pytest.mark.parametrize(
    ("language", "line", "module", "named"),
    [
        ("ja", "さくら", "cutlet", "Japanese lyrics"),
        ("ko", "별", "hangul_romanize", "Korean lyrics"),
        ("zh", "星", "pypinyin", "Chinese lyrics"),
        ("en", "24 stars", "num2words", "numbers in lyrics"),
    ],
)
def test_a_missing_library_is_named_with_the_language_and_the_extra(
    monkeypatch: pytest.MonkeyPatch, language: str, line: str, module: str, named: str
) -> None:
    _hide(monkeypatch, module)
    with pytest.raises(EngineUnavailable, match=rf"{named}.*{module}.*cuesmith\[ace-step\]"):
        cleaning.clean(line, language)


def test_japanese_without_its_dictionary_is_no_bad_line(monkeypatch: pytest.MonkeyPatch) -> None:
    cutlet = pytest.importorskip("cutlet")
    romanisation._japanese.cache_clear()
    monkeypatch.setattr(cutlet, "Cutlet", _no_dictionary)
    with pytest.raises(EngineUnavailable, match=r"Japanese lyrics.*no dicrc"):
        romanisation.romanise_japanese("さくら")


def _no_dictionary() -> None:
    raise RuntimeError("no dicrc")


def test_without_langid_no_language_is_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    _hide(monkeypatch, "py3langid")
    with pytest.raises(EngineUnavailable, match=r"language of a lyric line.*py3langid"):
        language_model.guess.__wrapped__("la la")


def test_what_is_installed_is_handed_over() -> None:
    assert library("json", "a test").loads("1") == 1


def test_importing_the_lyrics_loads_no_library_and_no_model() -> None:
    script = (
        "import sys, music_engine.ace_step.lyrics\n"
        "heavy = {'torch', 'py3langid', 'num2words', 'pypinyin', 'cutlet', 'tokenizers', 'hangul_romanize'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def _hide(monkeypatch: pytest.MonkeyPatch, module: str) -> None:
    """Importing it fails, as on a machine without the extra."""
    for cached in (romanisation._japanese, romanisation._korean, language_model._model):
        cached.cache_clear()
    for name in list(sys.modules):
        if name.split(".")[0] == module:
            monkeypatch.delitem(sys.modules, name)
    real = builtins.__import__

    def fail(name: str, *rest: Any, **named: Any) -> Any:
        if name.split(".")[0] == module:
            raise ModuleNotFoundError(f"No module named '{module}'", name=module)
        return real(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", fail)
    monkeypatch.setitem(sys.modules, module, None)
