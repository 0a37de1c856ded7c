"""What a calibration is asked to be fitted on: an encoder's view of a vocabulary."""

from __future__ import annotations

from pathlib import Path

from pipeline.affect.features import Features, anchor_features
from pipeline.given import read_vocabulary
from pipeline.settings import Settings
from pipeline.watcher import load_clip, text_memory
from vision.clip.catalogue import DEFAULT


def features_of(encoder: str | None, words: Path | None, settings: Settings) -> Features:
    """encoder: a name of the table or a folder, words: a vocabulary's file; None for what the settings say, or default.

    Nothing is fetched. Raises UnknownChoice, EngineUnavailable where the weights or libraries are not on this machine,
    CheckpointRefused, InputError, VocabularyError.
    """
    from vision.clip.anchors import learn_anchors

    vocabulary = read_vocabulary(words or settings.words)
    loaded = load_clip(encoder or settings.encoder or DEFAULT, settings)
    return anchor_features(loaded, learn_anchors(loaded, vocabulary, text_memory(settings)))
