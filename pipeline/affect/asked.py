"""From names and files that a command gives to the analyser or the features it means."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.affect.calibrate import load_calibration
from pipeline.affect.features import Features, anchor_features
from pipeline.settings import Settings
from scoring.errors import CheckpointRefused, EngineUnavailable, InputError, UnknownChoice, VocabularyError
from scoring.vocabulary import Vocabulary, built_in_vocabulary, parse_vocabulary
from vision.analyser import Analyser
from vision.clip.catalogue import DEFAULT, EncoderCard, encoders
from vision.clip.load import load_encoder
from vision.colour_motion import ColourMotion

if TYPE_CHECKING:
    from vision.clip.anchors import Anchors
    from vision.clip.torch_encoder import TorchEncoder

CLIP = "clip"


def analyser_named(
    name: str, encoder: str | None, words: Path | None, calibration: Path | None, settings: Settings
) -> Analyser:
    """The analyser of a name; encoder, words, calibration: of clip only, as in features_of.

    Raises UnknownChoice, EngineUnavailable, CheckpointRefused, VocabularyError, and InputError where colour-motion is
    given what only clip has.
    """
    if name == ColourMotion.name:
        for option, value in (("--encoder", encoder), ("--vocabulary", words), ("--calibration", calibration)):
            if value is not None:
                raise InputError(f"{option} is given, but {name} has none", f"Add --analyser {CLIP}, or leave it out")
        return ColourMotion()
    if name != CLIP:
        raise UnknownChoice.among("analyser", name, [ColourMotion.name, CLIP])
    from vision.clip.analyser import ClipAnalyser

    ours = load_calibration(calibration) if calibration is not None else None
    loaded, anchors = _encoder_and_anchors(encoder, words, settings)
    if ours is not None:
        features = anchor_features(loaded, anchors)
        ours.require(
            encoder=features.encoder,
            fingerprint=features.fingerprint,
            vocabulary=features.vocabulary,
            features=features.names,
        )
    return ClipAnalyser(loaded, anchors, ours)


def features_of(encoder: str | None, words: Path | None, settings: Settings) -> Features:
    """What an encoder sees of a vocabulary. encoder: a name of the table or a folder, None for the default one.

    words: a vocabulary's file, None for the built-in one. Nothing is fetched. Raises as analyser_named.
    """
    return anchor_features(*_encoder_and_anchors(encoder, words, settings))


def _encoder_and_anchors(encoder: str | None, words: Path | None, settings: Settings) -> tuple[TorchEncoder, Anchors]:
    from vision.clip.anchors import learn_anchors

    vocabulary = _vocabulary(words)
    loaded = _encoder(encoder or DEFAULT, settings)
    return loaded, learn_anchors(loaded, vocabulary)


def _vocabulary(words: Path | None) -> Vocabulary:
    if words is None:
        return built_in_vocabulary()
    try:
        return parse_vocabulary(words.read_text("utf-8"), str(words))
    except UnicodeDecodeError as error:
        raise VocabularyError(f"{words} is not UTF-8 text", "Save it as UTF-8") from error
    except OSError as error:
        raise VocabularyError(f"{words} cannot be read: {error.strerror}", "Check the path") from error


def _encoder(name: str, settings: Settings) -> TorchEncoder:
    from pipeline.models.store import find

    card = encoders().get(name)
    if card is not None:
        folder = find(card, settings)
        if folder is None:
            raise EngineUnavailable(
                f"the weights of the encoder {name} are not on this machine",
                f"Fetch them with: cuesmith models download {name}",
            )
        return _of_card(card, folder)
    place = Path(name).expanduser()
    if not place.is_dir():
        raise UnknownChoice(
            f"there is no encoder called {name!r}, and no such folder",
            f"Choose one of: {', '.join(encoders())}, or give the folder of one",
        )
    return _of_folder(place)


def _of_folder(folder: Path) -> TorchEncoder:
    if (folder / "open_clip_config.json").is_file():
        return load_encoder(library="open_clip", architecture="", weights=folder, name=folder.resolve().name)
    if (folder / "config.json").is_file():
        return load_encoder(library="transformers", architecture="", weights=folder, name=folder.resolve().name)
    raise CheckpointRefused(
        f"{folder} holds neither open_clip_config.json nor config.json", "Give the whole folder of an encoder"
    )


def _of_card(card: EncoderCard, folder: Path) -> TorchEncoder:
    return load_encoder(
        library=card.library,
        architecture=card.architecture,
        weights=card.weights_in(folder),
        name=card.title,
        pretrained=card.pretrained,
    )
