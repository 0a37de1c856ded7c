"""The job's workspace, `film.cuesmith/`: every stage's artefact, addressed by the hash of what it was made from.

Deleting it loses nothing but time. Layout:

    analysis.json          what the picture and the sound say
    stills/000012.jpg      one picture a second
    cues.json              the cue sheet used, to be edited
    cues/1m1-3f9c…/        one take: take.json, a 24-bit FLAC per stem, cue.mid
    report.json            what was measured
    manifest.json          input hash, settings, seed, engine, versions, what each artefact was made from
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.publish import refusing, write_bytes, write_text
from pipeline.sound.file import StemFiles, save_flac
from scoring.request import Attempt, ChordAt, CueAudio, CueTake, Samples

MANIFEST_SCHEMA = "cuesmith.manifest/1"
TAKE_SCHEMA = "cuesmith.take/1"
_KEY_DIGITS = 16
_FULL_SCALE = 0.999
_TUPLES = ("stems", "beats_s", "bars_s", "warnings", "unheeded")


def digest(value: Any) -> str:
    """A short hash of a JSON-able value, the same on every machine."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, default=_plain)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_KEY_DIGITS]


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Workspace:
    """One film's folder of artefacts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._used: set[str] = set()  # folders of the takes that this run used
        with refusing(folder):
            folder.mkdir(exist_ok=True)
        self._manifest = self._read_manifest()

    @property
    def cues_path(self) -> Path:
        """The cue sheet people edit."""
        return self.folder / "cues.json"

    @property
    def report_path(self) -> Path:
        """The report of the last run."""
        return self.folder / "report.json"

    # Analysis ------------------------------------------------------------------------------------

    def analysis(self, key: str) -> dict[str, Any] | None:
        """The analysis made from exactly these inputs, or None."""
        if self._manifest.get("analysis") != key:
            return None
        document = _read_json(self.folder / "analysis.json")
        return document if isinstance(document, dict) else None

    def keep_analysis(self, key: str, document: dict[str, Any]) -> None:
        """Keep an analysis."""
        write_text(self.folder / "analysis.json", json.dumps(document))
        self.note(analysis=key)

    @contextmanager
    def new_stills(self) -> Iterator[Path]:
        """A folder for stills that replaces the old one when the block ends well."""
        final, aside = self.folder / "stills", self.folder / f".stills.{os.getpid()}.part"
        shutil.rmtree(aside, ignore_errors=True)
        with refusing(aside):
            aside.mkdir()
            try:
                yield aside
                shutil.rmtree(final, ignore_errors=True)
                aside.replace(final)
            finally:
                shutil.rmtree(aside, ignore_errors=True)

    # Cue sheet -----------------------------------------------------------------------------------

    def edited_cues(self) -> str | None:
        """The text of cues.json when somebody changed it since it was written; None otherwise."""
        written = self._manifest.get("cues_written")
        try:
            text = self.cues_path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return None
        return text if written is not None and digest(text) != written else None

    def keep_cues(self, text: str) -> None:
        """Write cues.json and remember what was written, so that a later edit is seen.

        An edited sheet that this replaces is kept beside it as cues.previous.json.
        """
        edited = self.edited_cues()
        if edited == text:
            return  # the edited sheet itself is in use; it stays as the person left it
        if edited is not None:
            write_text(self.folder / "cues.previous.json", edited)
        write_text(self.cues_path, text)
        self.note(cues_written=digest(text))

    # Takes ---------------------------------------------------------------------------------------

    def take(self, cue_id: str, key: str) -> CueTake | None:
        """A finished take of a cue made from exactly these inputs, or None."""
        folder = self.take_folder(cue_id, key)
        document = _read_json(folder / "take.json")
        if not isinstance(document, dict) or document.get("schema") != TAKE_SCHEMA:
            return None
        self._used.add(folder.name)
        fields = {name: value for name, value in document.items() if name != "schema"}
        tuples = {name: tuple(fields.get(name, ())) for name in _TUPLES}
        chords = tuple(ChordAt(**chord) for chord in fields["chords"])
        tried = tuple(Attempt(**{**row, "failed": tuple(row["failed"])}) for row in fields.get("tried", ()))
        return CueTake(**{**fields, **tuples, "chords": chords, "tried": tried})

    def keep_take(
        self, key: str, audio: CueAudio, seed: int, tried: tuple[Attempt, ...] = (), withheld: str = ""
    ) -> CueTake:
        """Put a cue's sound on disk and return what is known of it. tried, withheld: as in CueTake."""
        final = self.take_folder(audio.cue_id, key)
        aside = final.with_name(f".{final.name}.{os.getpid()}.part")
        stems, turned_down_db = _within_full_scale(dict(audio.stems) or {"music": audio.audio})
        warnings = audio.warnings
        if turned_down_db:
            warnings = (*warnings, f"turned down by {turned_down_db:.1f} dB to fit 24-bit files")
        take = CueTake(
            cue_id=audio.cue_id,
            engine=audio.engine,
            seed=seed,
            lead_in_samples=audio.lead_in_samples,
            body_samples=audio.body_samples,
            total_samples=audio.audio.shape[1],
            stems=tuple(stems),
            beats_s=audio.beats_s,
            bars_s=audio.bars_s,
            chords=audio.chords,
            warnings=warnings,
            unheeded=audio.unheeded,
            tried=tried,
            withheld=withheld,
        )
        with refusing(final):
            shutil.rmtree(aside, ignore_errors=True)
            aside.mkdir(parents=True)
            try:
                for name, samples in stems.items():
                    save_flac(aside / f"{name}.flac", samples)
                if audio.midi:
                    (aside / "cue.mid").write_bytes(audio.midi)
                (aside / "take.json").write_text(json.dumps({"schema": TAKE_SCHEMA, **asdict(take)}), encoding="utf-8")
                if self.take(audio.cue_id, key) is None:  # else another process made the same one meanwhile
                    shutil.rmtree(final, ignore_errors=True)
                    aside.replace(final)
            finally:
                shutil.rmtree(aside, ignore_errors=True)
        self._used.add(final.name)
        return take

    def withhold(self, key: str, take: CueTake, why: str) -> CueTake:
        """The take marked as one that must not be delivered, on disk too."""
        withheld = replace(take, withheld=why)
        text = json.dumps({"schema": TAKE_SCHEMA, **asdict(withheld)})
        write_text(self.take_folder(take.cue_id, key) / "take.json", text)
        return withheld

    def open_take(self, key: str, take: CueTake) -> StemFiles:
        """The stems of a take, to be read as they lie on disk."""
        return StemFiles(self.take_folder(take.cue_id, key), take.stems)

    def forget_other_takes(self) -> None:
        """Remove the takes of cues that this run neither made nor used."""
        for folder in (self.folder / "cues").glob("*"):
            if folder.name not in self._used:
                shutil.rmtree(folder, ignore_errors=True)

    def take_folder(self, cue_id: str, key: str) -> Path:
        """Where a take lies, or would."""
        # A person may name a cue anything; its folder keeps to letters that every file system takes.
        safe = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "_" for c in cue_id)[:40]
        return self.folder / "cues" / f"{safe}-{key}"

    # Manifest ------------------------------------------------------------------------------------

    def note(self, **facts: Any) -> None:
        """Add facts to the manifest and write it."""
        self._manifest = {"schema": MANIFEST_SCHEMA, **self._manifest, **facts}
        text = json.dumps(self._manifest, indent=2, ensure_ascii=False, default=_plain)
        write_bytes(self.folder / "manifest.json", text.encode("utf-8", "backslashreplace"))

    def _read_manifest(self) -> dict[str, Any]:
        document = _read_json(self.folder / "manifest.json")
        if isinstance(document, dict) and document.get("schema") == MANIFEST_SCHEMA:
            return document
        return {}

    @contextmanager
    def tidy(self) -> Iterator[None]:
        """Remove the workspace when the block fails before anything worth keeping was made."""
        try:
            yield
        except BaseException:
            with contextlib.suppress(OSError):
                self.folder.rmdir()  # refuses unless empty
            raise

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """A folder for files nobody needs afterwards; removed however the block ends."""
        folder = self.folder / f".scratch.{os.getpid()}"
        with refusing(folder):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            try:
                yield folder
            finally:
                shutil.rmtree(folder, ignore_errors=True)


def _within_full_scale(stems: dict[str, Samples]) -> tuple[dict[str, Samples], float]:
    """The stems, all lowered alike when one would clip in a 24-bit file, and by how much, dB."""
    peak = max(float(np.abs(samples).max(initial=0.0)) for samples in stems.values())
    if peak <= _FULL_SCALE:
        return stems, 0.0
    gain = np.float32(_FULL_SCALE / peak)
    return {name: samples * gain for name, samples in stems.items()}, -20 * math.log10(gain)


def _read_json(path: Path) -> Any:
    """A JSON file's value; None when it is missing or damaged, which only means making it again."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Path):
        return str(value)
    return str(value)
