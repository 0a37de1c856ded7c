"""The files a user brings: a cue sheet, timed prompts, a vocabulary, a calibration."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipeline.wish import Wish
from scoring import cue_sheet_json
from scoring.cue_sheet import CueSheet
from scoring.errors import InputError
from scoring.style import load_style
from scoring.vocabulary import Vocabulary, built_in_vocabulary, parse_vocabulary
from scoring.wishes.vocabulary import check_names
from vision.calibration import Calibration, parse_calibration


@dataclass(frozen=True, slots=True)
class Given:
    """What the user brought: a cue sheet, the text of timed prompts, either or neither."""

    sheet: CueSheet | None = None
    prompts: str | None = None


def read_given(wish: Wish) -> Given:
    """Read the files a wish names, before any work is done.

    Raises InputError when one cannot be read, CueSheetError when the cue sheet makes no sense.
    """
    sheet = cue_sheet_json.loads(read_text(wish.cues)) if wish.cues is not None else None
    prompts = read_text(wish.prompts) if wish.prompts is not None else None
    if sheet is not None:
        load_style(sheet.style)
    return Given(sheet, prompts)


def read_vocabulary(path: Path | None) -> Vocabulary:
    """The vocabulary of a file, the built-in one for None. Raises InputError, or VocabularyError with the field."""
    if path is None:
        return built_in_vocabulary()
    vocabulary = parse_vocabulary(read_text(path), str(path))
    check_names(vocabulary)
    return vocabulary


def read_calibration(path: Path) -> Calibration:
    """A calibration's file. Raises InputError, or CheckpointRefused with the field."""
    return parse_calibration(read_text(path), str(path))


def read_text(path: Path) -> str:
    """A file's text, UTF-8 with or without a mark at its start. Raises InputError."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}", "Check the path") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text", "Save it as UTF-8") from error
