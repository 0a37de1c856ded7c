"""Who reads a film's pictures: chosen before any work is done, made when it is needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.given import read_calibration, read_vocabulary
from pipeline.models.download import fetch
from pipeline.models.store import find
from pipeline.models.text_memory import DiskMemory
from pipeline.settings import Settings
from pipeline.wish import Wish
from scoring.errors import EngineUnavailable, InputError, UnknownChoice
from scoring.vocabulary import Vocabulary
from vision.analyser import Analyser
from vision.calibration import Calibration, calibration_text
from vision.clip.catalogue import DEFAULT, EncoderCard, encoder_card, encoders
from vision.clip.load import Library, load_encoder, missing_libraries
from vision.colour_motion import ColourMotion

if TYPE_CHECKING:
    from vision.clip.torch_encoder import TorchEncoder

AUTO, CLIP = "auto", "clip"
ANALYSERS = (AUTO, CLIP, ColourMotion.name)
_INSTALL = "pip install 'cuesmith[clip]'"

_PATIENCE = "a minute or so on a processor"

Note = Callable[[str], None]
Stage = Callable[[str], Callable[[float], None]]


@dataclass(frozen=True, slots=True)
class Watcher:
    """An analyser to be. kind: of ANALYSERS, never auto. why: which it is and why, for people.

    key: what a reading depends on, JSON-able. facts: for the manifest. vocabulary: for its words and for the prompts.
    build: makes it; for CLIP this loads the weights and learns the vocabulary.
    """

    kind: str
    why: str
    key: tuple[Any, ...]
    vocabulary: Vocabulary
    build: Callable[[], Analyser]
    facts: Mapping[str, Any] = field(default_factory=dict)


def choose_watcher(wish: Wish, settings: Settings, *, stage: Stage, note: Note) -> Watcher:
    """The analyser of a run. Asked for by name, CLIP is fetched where it is not on this machine; auto never fetches.

    Raises UnknownChoice, VocabularyError, InputError, EngineUnavailable without the libraries, CheckpointRefused, and
    FetchFailed within five seconds where nobody answers.
    """
    vocabulary = read_vocabulary(wish.vocabulary or settings.words)
    asked = wish.analyser or settings.analyser or AUTO
    if asked not in ANALYSERS:
        raise UnknownChoice.among("analyser", asked, list(ANALYSERS))
    if asked == ColourMotion.name:
        return _colour_motion("asked for", vocabulary)
    named = wish.encoder or settings.encoder or DEFAULT
    source = _find(named, settings)
    missing, folder = missing_libraries(source.library), source.folder
    if asked == AUTO and (missing or folder is None):
        steps = [*([_INSTALL] if missing else []), *([f"cuesmith models download {named}"] if folder is None else [])]
        reason = f"CLIP would read what is shown: {' ; '.join(steps)}"
        note(f"read by {ColourMotion.name}: {reason}")
        return _colour_motion(reason, vocabulary)
    if missing:
        raise EngineUnavailable(f"the analyser clip needs packages that are missing: {', '.join(missing)}", _INSTALL)
    if folder is None:
        folder = fetch(named, settings, advance=stage("fetch"), note=note)
    calibration = read_calibration(wish.calibration) if wish.calibration is not None else None
    return _clip(source, folder, vocabulary, calibration, settings, note)


def load_clip(named: str, settings: Settings) -> TorchEncoder:
    """The encoder of a name or a folder, from weights that are on this machine.

    Raises UnknownChoice, EngineUnavailable where they or the libraries are not, CheckpointRefused.
    """
    source = _find(named, settings)
    if source.folder is None:
        raise EngineUnavailable(
            f"the weights of {named} are not on this machine", f"Fetch them: cuesmith models download {named}"
        )
    return _load(source, source.folder, settings)


def text_memory(settings: Settings, on_missing: Callable[[], None] = lambda: None) -> DiskMemory:
    """Where vectors of the vocabulary's words are kept. on_missing: as DiskMemory's."""
    return DiskMemory(settings.models / "text-vectors", on_missing)


def _colour_motion(reason: str, vocabulary: Vocabulary) -> Watcher:
    name = ColourMotion.name
    return Watcher(name, f"{name}: {reason}", (name,), vocabulary, ColourMotion, {"name": name})


@dataclass(frozen=True, slots=True)
class _Source:
    """Where an encoder comes from. card: None for a folder of the user's own. folder: None where it is not here."""

    title: str
    library: Library
    card: EncoderCard | None
    folder: Path | None


def _find(named: str, settings: Settings) -> _Source:
    """A folder, or a name of the table. Raises UnknownChoice."""
    own = Path(named).expanduser()
    if own.is_dir():
        return _Source(own.name, _library_in(own), None, own)
    card = encoder_card(named)
    return _Source(card.title, card.library, card, find(card, settings))


def _clip(
    source: _Source,
    folder: Path,
    vocabulary: Vocabulary,
    calibration: Calibration | None,
    settings: Settings,
    note: Note,
) -> Watcher:
    def build() -> Analyser:
        from vision.clip.analyser import ClipAnalyser
        from vision.clip.anchors import learn_anchors
        from vision.clip.readout import anchor_names

        encoder = _load(source, folder, settings)
        memory = text_memory(settings, lambda: note(f"learning the vocabulary with {source.title}, once; {_PATIENCE}"))
        anchors = learn_anchors(encoder, vocabulary, memory)
        if calibration is not None:
            calibration.require(
                encoder=encoder.name,
                fingerprint=encoder.fingerprint,
                vocabulary=vocabulary.sha256,
                features=anchor_names(anchors),
            )
        return ClipAnalyser(encoder, anchors, calibration)

    weights = _weights(source.card, folder)
    stat = weights.stat()
    fitted = None if calibration is None else calibration_text(calibration)
    facts = {
        "name": CLIP,
        "encoder": source.title,
        "weights": str(weights),
        "weights_bytes": stat.st_size,
        "licence": None if source.card is None else source.card.licence,
        "calibrated_on": None if calibration is None else calibration.ratings_sha256,
    }
    key = (CLIP, source.title, str(weights.resolve()), stat.st_size, stat.st_mtime_ns, vocabulary.sha256, fitted)
    return Watcher(CLIP, f"clip: {source.title} from {folder}", key, vocabulary, build, facts)


def _load(source: _Source, folder: Path, settings: Settings) -> TorchEncoder:
    card = source.card
    return load_encoder(
        library=source.library,
        architecture="" if card is None else card.architecture,
        weights=folder if card is None else card.weights_in(folder),
        name=source.title,
        device=settings.engines.device or "auto",
        pretrained=None if card is None else card.pretrained,
    )


def _weights(card: EncoderCard | None, folder: Path) -> Path:
    """The file of tensors, by which weights are told apart from others without reading them."""
    if card is not None:
        return folder / card.weights.path
    found = sorted(folder.glob("*.safetensors"))
    if not found:
        raise InputError(
            f"{folder} holds no .safetensors file", f"Name an encoder ({', '.join(encoders())}) or its folder"
        )
    return found[0]


def _library_in(folder: Path) -> Library:
    """Whose layout a folder has: open_clip writes a configuration of its own."""
    return "open_clip" if (folder / "open_clip_config.json").is_file() else "transformers"
