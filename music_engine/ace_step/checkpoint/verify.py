"""Whether a checkpoint loads, part by part, with what was found and what was expected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from music_engine.ace_step.checkpoint.checkpoint import Checkpoint, compare_source
from music_engine.ace_step.checkpoint.compare import Comparison, Misfit
from music_engine.ace_step.checkpoint.parts import PARTS, PartName
from music_engine.ace_step.checkpoint.pins import SINGLE_FILE, Pin, pins, sha256
from music_engine.ace_step.checkpoint.reader import open_tensors, unsound
from music_engine.ace_step.checkpoint.survey import Layout, Source, Survey, survey
from scoring.errors import CheckpointRefused

HashVerdict = Literal["not asked", "matches", "differs", "nothing to compare with"]
Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class FileHash:
    """sha256: of the file here, None when not asked; verdict: against the table; pin: its row there."""

    sha256: str | None
    verdict: HashVerdict
    pin: Pin


@dataclass(frozen=True, slots=True)
class PartReport:
    """One part. tensors, parameters, dtypes: of what is read; unread_*: of what its file has besides and nothing uses.

    problem: why it cannot be opened at all; misfits: tensors that do not fit.
    """

    part: PartName
    title: str
    file: Path | None = None
    config_origin: str = ""
    tensors: int = 0
    parameters: int = 0
    dtypes: Mapping[str, int] | None = None
    unread_tensors: int = 0
    unread_parameters: int = 0
    misfits: tuple[Misfit, ...] = ()
    problem: str = ""
    hash: FileHash | None = None

    @property
    def is_sound(self) -> bool:
        """Whether it loads."""
        return not self.problem and not self.misfits

    def count(self, kind: str) -> int:
        """How many tensors misfit in one way."""
        return sum(misfit.kind == kind for misfit in self.misfits)


@dataclass(frozen=True, slots=True)
class Verification:
    """tokenizer: "ok", or what is wrong with the prompt's tokenizer. problem: what else keeps it from loading."""

    path: Path
    layout: Layout
    explanation: str
    parts: tuple[PartReport, ...]
    tokenizer: str
    problem: str

    @property
    def is_loadable(self) -> bool:
        """Whether the engine can start with it."""
        return not self.problem and self.tokenizer == "ok" and all(part.is_sound for part in self.parts)


def verify(path: Path, *, with_hash: bool = False, on_part: Report = lambda title: None) -> Verification:
    """path: anything at all. Every value that would be read is read and checked, once; nothing is kept.

    with_hash: also hash the files, 8 GB of the published ones. on_part: called with a part's title before its turn.
    """
    found = survey(path)
    if found.layout not in ("folder", "single file"):
        return Verification(path, found.layout, found.explanation, (), "not looked for", found.explanation)
    parts = []
    hashes: dict[Path, FileHash] = {}
    for name, part in PARTS.items():
        on_part(part.title)
        if name in found.problems:
            parts.append(PartReport(name, part.title, problem=str(found.problems[name])))
        else:
            parts.append(_part(found, found.sources[name], with_hash, hashes))
    # What is wrong with single parts stands with them; what remains is between them, or in none.
    refusal = None if found.problems or found.tokenizer is None else found.refusal()
    problem = refusal.what if refusal else ""
    return Verification(path, found.layout, found.explanation, tuple(parts), _tokenizer(found), problem)


def _part(found: Survey, source: Source, with_hash: bool, hashes: dict[Path, FileHash]) -> PartReport:
    name, title, file = source.part.name, source.part.title, source.header.path
    if file not in hashes:
        hashes[file] = _hash(pins()[SINGLE_FILE if found.layout == "single file" else name], file, with_hash)
    entries = source.entries()
    try:
        comparison = compare_source(source)
        misfits = comparison.misfits or _values(source, comparison)
    except CheckpointRefused as error:
        return PartReport(name, title, file, source.config_origin, problem=str(error), hash=hashes[file])
    used = {key for keys in comparison.plan.values() for key in keys} & set(entries)
    unread = set(comparison.unread)
    return PartReport(
        name,
        title,
        file,
        source.config_origin,
        tensors=len(used),
        parameters=sum(entries[key].parameters for key in used),
        dtypes=dict(sorted(Counter(entries[key].dtype for key in used).items())),
        unread_tensors=len(unread),
        unread_parameters=sum(entries[key].parameters for key in unread),
        misfits=misfits,
        hash=hashes[file],
    )


def _values(source: Source, comparison: Comparison) -> tuple[Misfit, ...]:
    file = open_tensors(source.header.path)
    keys = [key for keys in comparison.plan.values() for key in keys]
    found = (unsound(key, file.get_tensor(source.prefix + key)) for key in keys)
    return tuple(misfit for misfit in found if misfit is not None)


def _hash(pin: Pin, file: Path, with_hash: bool) -> FileHash:
    if not with_hash:
        return FileHash(None, "not asked", pin)
    found = sha256(file)
    if pin.sha256 is None:
        return FileHash(found, "nothing to compare with", pin)
    return FileHash(found, "matches" if found == pin.sha256 else "differs", pin)


def _tokenizer(found: Survey) -> str:
    if found.tokenizer is None:
        return "missing: umt5-base/tokenizer.json, or text_encoders.spiece_model in the single file"
    try:
        Checkpoint(found, {}).tokenizer().encode(["piano"])
    except CheckpointRefused as error:
        return str(error)
    return "ok"
