"""The mix: layers rendered, balanced by measured loudness, gathered into stems, put into one room."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from music_engine.composer import dynamics
from music_engine.composer.atmospheres import LEVELS_LU, atmosphere
from music_engine.composer.equaliser import equalise, place
from music_engine.composer.gestures import bed, render_gesture
from music_engine.composer.loudness import SILENCE_LUFS, loudness_lufs
from music_engine.composer.note import Part
from music_engine.composer.plan import Plan
from music_engine.composer.players.effects import shape_gestures
from music_engine.composer.reverb import convolve_into
from music_engine.composer.synth import render_layer
from music_engine.composer.thinning import bed_gain, clear_band, kept_gestures
from scoring.request import CueRequest, Samples
from scoring.style import Layer, Style
from scoring.timebase import SAMPLE_RATE_HZ, samples_at

STEMS = ("harmony", "bass", "lead", "rhythm", "effects")
_MOST_GAIN_DB = 40.0
_CHUNK = 1 << 18  # samples handled at a time, so that a long cue needs no second copy of itself
_ACTIVITY_LU, _INTENSITY_LU = 2.5, 5.0  # arousal −1..1, intensity 0..1 about its middle (design choice)


def cue_loudness_lufs(request: CueRequest, style: Style) -> float:
    """How loud a cue is meant to be: the style's level, up for activity and intensity, down for calm."""
    intensity = float(np.mean([value for _, value in request.intensity])) if request.intensity else 0.5
    return style.mix.loudness_lufs + _ACTIVITY_LU * request.arousal + _INTENSITY_LU * (intensity - 0.5)


def mix(
    plan: Plan,
    parts: tuple[Part, ...],
    soundfont: Path,
    samples: int,
    *,
    with_stems: bool,
    step: Callable[[float], None],
) -> tuple[Samples, dict[str, Samples]]:
    """The cue's sound, [2, samples], and its stems, which add up to it. step: called with the share done."""
    target_lufs = cue_loudness_lufs(plan.request, plan.style)
    into = np.zeros((2, samples), dtype=np.float32)
    send = np.zeros(samples, dtype=np.float32)
    stems: dict[str, Samples] = {}
    for number, stem in enumerate(STEMS):
        for layer in (layer for layer in plan.style.layers if layer.stem == stem):
            _add_layer(plan, layer, parts, soundfont, target_lufs, into, send)
        if with_stems:
            convolve_into(into, send, plan.style.space)
            send[:] = 0.0
            stems[stem] = into
            into = np.zeros((2, samples), dtype=np.float32)
        step((number + 1) / len(STEMS))
    if not with_stems:
        convolve_into(into, send, plan.style.space)
    # The sum is made last, so that a long cue's stems and sum are in memory together for a short time only.
    audio = into
    for sound in stems.values():
        audio += sound
    _master(plan, audio, stems, target_lufs)
    return audio, stems


def _add_layer(
    plan: Plan, layer: Layer, parts: tuple[Part, ...], soundfont: Path, target_lufs: float, into: Samples, send: Samples
) -> None:
    own = [part for part in parts if part.layer is layer]
    if own:
        sound = render_layer(own, plan.form, soundfont, into.shape[1])
        equalise(sound, layer, plan.style.mix)
        place(sound, layer)
        _level(sound, target_lufs + layer.level_lu)
        clear_band(sound, plan)
        _gather(sound, layer, plan.style, into, send, 0)
    if layer.kind == "effects":
        _add_gestures(plan, layer, target_lufs, into, send)


def _add_gestures(plan: Plan, layer: Layer, target_lufs: float, into: Samples, send: Samples) -> None:
    texture_lu = plan.style.mix.texture_lu
    if texture_lu > -50.0:
        _add_bed(bed(into.shape[1]), plan, target_lufs + texture_lu, into)
    for name in plan.request.wishes.effects:
        _add_bed(atmosphere(name, into.shape[1]), plan, target_lufs + LEVELS_LU[name], into)
    begin_s = plan.form.time_s(plan.form.start_beat)
    for gesture in kept_gestures(shape_gestures(plan), plan.request):
        sound = render_gesture(gesture)
        _level(sound, target_lufs + gesture.level_lu)
        if gesture.kind == "impact":
            _gather(sound, layer, plan.style, into, send, samples_at(gesture.start_s - begin_s))
        else:
            _gather(sound, layer, plan.style, into, send, samples_at(gesture.end_s - begin_s) - sound.shape[1])


def _add_bed(sound: Samples, plan: Plan, level_lufs: float, into: Samples) -> None:
    """Adds a sound that lasts as long as the cue, dry."""
    _level(sound, level_lufs)
    clear_band(sound, plan)
    into += sound


def _level(sound: Samples, target_lufs: float) -> None:
    """Brings a layer to its loudness while it plays, in place; a layer that is silent stays so."""
    measured = loudness_lufs(sound)
    if measured > SILENCE_LUFS:
        sound *= np.float32(10.0 ** (min(target_lufs - measured, _MOST_GAIN_DB) / 20.0))


def _gather(sound: Samples, layer: Layer, style: Style, into: Samples, send: Samples, first: int) -> None:
    """Adds a sound that begins at a sample to its stem, and its share to the room."""
    skip = max(-first, 0)
    first = max(first, 0)
    length = min(sound.shape[1] - skip, into.shape[1] - first)
    if length <= 0:
        return
    piece = sound[:, skip : skip + length]
    into[:, first : first + length] += piece
    share = np.float32(0.5 * 10.0 ** ((layer.send_db + style.space.level_db) / 20.0))
    for start in range(0, length, _CHUNK):
        chunk = piece[:, start : start + _CHUNK]
        send[first + start : first + start + chunk.shape[1]] += share * (chunk[0] + chunk[1])


def _master(plan: Plan, audio: Samples, stems: dict[str, Samples], target_lufs: float) -> None:
    """One gain curve for the sum and for every stem: shape, then loudness, then peaks."""
    curve = dynamics.shape(plan.request, plan.form, audio.shape[1]) * bed_gain(plan, audio.shape[1])
    dynamics.apply(curve, audio)
    measured = loudness_lufs(audio, stride=1)
    static = np.float32(10.0 ** ((target_lufs - measured) / 20.0)) if measured > SILENCE_LUFS else np.float32(1.0)
    audio *= static
    tamed = dynamics.tame(audio, target_lufs)
    dynamics.apply(tamed, audio)
    for stem in stems.values():
        dynamics.apply(curve, stem)
        stem *= static
        dynamics.apply(tamed, stem)


def total_samples(request: CueRequest) -> tuple[int, int, int]:
    """(lead-in, body, tail) in samples."""
    body = round(request.duration_s * SAMPLE_RATE_HZ)
    return samples_at(request.lead_in_s), body, samples_at(request.tail_s)
