"""From a job's order to what the pipeline takes: texts become files of the bench, names become values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from integrations.jobs.orders import Order
from pipeline.asking import asked
from pipeline.publish import refusing, write_text
from pipeline.wish import Wish
from scoring.edit import parse_edit
from scoring.timebase import TimeRange

# The names that the files get; people read them in notes about what is in them.
_FILES: Mapping[str, str] = {
    "sheet": "cues.json",
    "prompts": "prompts.txt",
    "vocabulary": "vocabulary.toml",
    "words": "words.txt",
}
_ASKED = ("prompt", "avoid", "instruments", "mood", "bpm", "key")
_ELSEWHERE = ("takes",)  # of the job, not of the wish


def wish_of(order: Order, folder: Path) -> Wish:
    """The wish of an order. folder: where its texts are put, made when there are any.

    What it says about engines is a name only: their files and settings are the operator's.
    Raises UnknownChoice for a name there is not, VocabularyError, TimelineError, DiskFull.
    """
    files = _written({name: text for name, text in order.texts.items() if name in _FILES}, folder)
    edit = order.texts.get("edit")
    said = {name: value for name, value in order.wish.items() if name not in (*_ASKED, *_ELSEWHERE)}
    if "only" in said:
        said["only"] = TimeRange(*said["only"])
    if "no_music" in said:
        said["no_music"] = tuple(TimeRange(*edges) for edges in said["no_music"])
    music: dict[str, Any] = {name: order.wish[name] for name in _ASKED if name in order.wish}
    vocabulary = files.get("vocabulary")
    return Wish(
        **said,
        cues=files.get("sheet"),
        prompts=files.get("prompts"),
        vocabulary=vocabulary,
        words=files.get("words"),
        edit=None if edit is None else parse_edit(edit, "texts.edit"),
        asked=asked(**music, vocabulary=vocabulary),
    )


def for_looking(wish: Wish) -> Wish:
    """The wish for looking only: what a person knows of words and cuts moves no reading of pictures and sound."""
    return replace(wish, words=None, describe="", subtitles=False, edit=None)


def _written(texts: Mapping[str, str], folder: Path) -> dict[str, Path]:
    """Each text as a file, once: several units of a job may do this at the same time."""
    files = {name: folder / _FILES[name] for name in texts}
    if files:
        with refusing(folder):
            folder.mkdir(parents=True, exist_ok=True)
    for name, path in files.items():
        if not path.is_file():
            write_text(path, texts[name])
    return files
