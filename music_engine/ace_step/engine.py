"""ACE-Step v1 as a music engine."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch

from music_engine.ace_step.choices import settings_of
from music_engine.ace_step.cues.ending import fade_out
from music_engine.ace_step.cues.orders import Item, Order, batches, items_of, noise_seed
from music_engine.ace_step.cues.reworking import plan_rework
from music_engine.ace_step.cues.segments import join
from music_engine.ace_step.cues.telling import ROUGHLY, lyrics_of, unheeded
from music_engine.ace_step.lyrics import INSTRUMENTAL
from music_engine.ace_step.model import AceStepModel, Words
from music_engine.ace_step.sampling.prompt import Prompt
from music_engine.ace_step.sampling.tasks import TextToMusic
from music_engine.ace_step.watch import Watch
from music_engine.engine import Capabilities, Progress
from music_engine.grid import planned_grid
from music_engine.options import EngineOptions
from music_engine.tasks import Edit, Extend, Follow, Repaint, Task
from scoring.errors import CuesmithError, EngineError, EngineUnavailable
from scoring.request import CueAudio, CueRequest, Samples

NAME = "ace-step-v1"
VERSION = "1"
CAPABILITIES = Capabilities(
    tempo="soft",
    stems=(),
    repaint=True,
    extend=True,
    reference_audio=True,
    lyrics=True,
    lora=True,
    maximum_duration_s=240.0,  # in one go; a longer cue is made in segments
    deterministic=True,  # on the CPU
    needs_gpu=False,  # but slow without one
)
# Shares of the work, of a compose or a rework, as the bar shows them.
READ_SHARE, SAMPLE_SHARE = 0.03, 0.87


class AceStepV1:
    """Composes with the weights of a checkpoint. They are read when they are first needed, and kept.

    Raises EngineUnavailable where there is no checkpoint or no such device, CheckpointRefused for one that does not
    fit, InputError for settings out of range.
    """

    def __init__(self, options: EngineOptions | None = None) -> None:
        options = options or EngineOptions()
        self._model = AceStepModel(options, settings_of(options))
        self._facts = _facts(self._model, options)

    @property
    def name(self) -> str:
        """ "ace-step-v1"."""
        return NAME

    @property
    def version(self) -> str:
        """Changes when the same request would sound different: with this code, the weights, the LoRA, the settings."""
        text = json.dumps(self._facts, sort_keys=True, default=str)
        return f"{VERSION}+{hashlib.sha256(text.encode()).hexdigest()[:16]}"

    @property
    def capabilities(self) -> Capabilities:
        """Soft tempo, no stems, every kind of rework."""
        return CAPABILITIES

    def compose(
        self,
        requests: Sequence[CueRequest],
        *,
        with_stems: bool = True,
        progress: Progress = lambda share: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> list[CueAudio]:
        """One CueAudio per request; those of equal length are made together.

        A request with a source and a span, or with reference audio, is reworked from that. Raises Cancelled within one
        step when told to stop, InputError for what cannot be done, EngineError when it breaks.
        """
        watch = Watch(progress, cancelled)
        tasks = [task_of(request) for request in requests]
        made: dict[int, CueAudio] = {}
        shares = _shares(requests)
        plain = [number for number, task in enumerate(tasks) if task is None]
        before = 0.0
        for number, task in enumerate(tasks):
            if task is not None:
                part = watch.part(before, before + shares[number])
                made[number] = self.rework(requests[number], task, progress=part.tell, cancelled=cancelled)
                before += shares[number]
        with _explained([requests[number].cue_id for number in plain]):
            sounds = self._compose([Order.of(requests[number]) for number in plain], watch.part(before, 1.0))
        made |= dict(zip(plain, sounds, strict=True))
        return [made[number] for number in range(len(requests))]

    def rework(
        self,
        request: CueRequest,
        task: Task,
        *,
        progress: Progress = lambda share: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> CueAudio:
        """Sound that is there already, made into what the request asks. Raises as compose does."""
        watch = Watch(progress, cancelled)
        with _explained([request.cue_id]):
            order = Order.of(request)
            watch.tell(0.0)
            before = [Words(task.prompt, task.lyrics or INSTRUMENTAL)] if isinstance(task, Edit) else []
            prompt, *source_words = self._model.read([_words(request), *before])
            plan = plan_rework(task, order.samples, self._model.encode, source_words)
            latents = self._model.sample(
                [prompt],
                plan.task,
                [noise_seed(request.seed)],
                [noise_seed(plan.seed)],
                progress=watch.part(READ_SHARE, READ_SHARE + SAMPLE_SHARE).tell,
                cancelled=cancelled,
            )
            decoding = watch.part(READ_SHARE + SAMPLE_SHARE, 1.0)
            sound = self._model.decode(latents[0], on_tile=decoding.tell_count)
            audio = sound[:, plan.skip : plan.skip + plan.samples]
            if isinstance(task, (Repaint, Extend, Edit)):
                return self._answer(request, audio, 0, audio.shape[1])
            fade_out(audio, request, order.lead_in, order.body)
            return self._answer(request, audio, order.lead_in, order.body)

    def _compose(self, orders: Sequence[Order], watch: Watch) -> list[CueAudio]:
        """Words, latents, sound: for all orders at once, batch by batch."""
        if not orders:
            return []
        watch.tell(0.0)
        prompts = self._model.read([_words(order.request) for order in orders])
        watch.tell(READ_SHARE)
        items = items_of(orders)
        frames = sum(item.frames for item in items)
        sounds: dict[Item, Samples] = {}
        begin = READ_SHARE
        for batch in batches(items):
            end = begin + (1.0 - READ_SHARE) * sum(item.frames for item in batch) / frames
            sounds |= self._make(batch, prompts, watch.part(begin, end))
            begin = end
        watch.tell(1.0)
        return [self._finished(number, order, items, sounds) for number, order in enumerate(orders)]

    def _make(self, batch: Sequence[Item], prompts: Sequence[Prompt], watch: Watch) -> dict[Item, Samples]:
        latents = self._model.sample(
            [prompts[item.order] for item in batch],
            TextToMusic(batch[0].frames),
            [item.seed for item in batch],
            progress=watch.part(0.0, SAMPLE_SHARE).tell,
            cancelled=watch.cancelled,
        )
        decoding = watch.part(SAMPLE_SHARE, 1.0)
        parts = [decoding.part(number / len(batch), (number + 1) / len(batch)) for number in range(len(batch))]
        return {
            item: self._model.decode(latent, on_tile=part.tell_count)
            for item, latent, part in zip(batch, latents, parts, strict=True)
        }

    def _finished(self, number: int, order: Order, items: Sequence[Item], sounds: dict[Item, Samples]) -> CueAudio:
        """The order's segments as one cue, cut to the sample, with its end."""
        audio = join(order.segments, [sounds[item] for item in items if item.order == number])
        fade_out(audio, order.request, order.lead_in, order.body)
        return self._answer(order.request, audio, order.lead_in, order.body)

    def _answer(self, request: CueRequest, audio: Samples, lead_in: int, body: int) -> CueAudio:
        if not np.isfinite(audio).all():
            raise EngineError(
                f"ACE-Step made no sound for cue {request.cue_id}, only not-a-number", "Try --precision float32"
            )
        beats_s, bars_s = planned_grid(request)
        aimless = (
            (f"{len(request.hit_points)} hit points: the music is not aimed at them",) if request.hit_points else ()
        )
        return CueAudio(
            cue_id=request.cue_id,
            engine=NAME,
            audio=np.ascontiguousarray(audio, np.float32),
            lead_in_samples=lead_in,
            body_samples=body,
            beats_s=beats_s,
            bars_s=bars_s,
            settings=self._facts,
            warnings=(ROUGHLY, *aimless, *self._model.unsung(lyrics_of(request))),
            unheeded=unheeded(request),
        )


def task_of(request: CueRequest) -> Task | None:
    """What a request asks to be done with sound it brings, or None where it brings none."""
    if request.source is not None and request.repaint is not None:
        return Repaint(request.source, request.repaint, request.seed, 1.0)
    if request.reference_audio is not None:
        return Follow(request.reference_audio, 0.5)
    return None


def _words(request: CueRequest) -> Words:
    return Words(request.prompt, lyrics_of(request))


def _shares(requests: Sequence[CueRequest]) -> list[float]:
    total_s = sum(request.duration_s for request in requests)
    return [request.duration_s / total_s for request in requests]


def _facts(model: AceStepModel, options: EngineOptions) -> dict[str, object]:
    """All that decides how a request sounds, plain values."""
    return {
        "version": VERSION,
        "checkpoint": model.checkpoint.identity,
        "device": model.device.type,
        "precision": model.precision.name,
        "lora": _digest(options.lora, "LoRA"),
        "lora_weight": model.lora_weight if options.lora is not None else None,
        "vocabulary": _digest(options.vocabulary, "lyric vocabulary"),
        "sampling": asdict(model.settings),
    }


def _digest(path: Path | None, what: str) -> str | None:
    """The SHA-256 of a file, or of the weights in a folder, hexadecimal. Raises EngineUnavailable where it is not."""
    if path is None:
        return None
    total = hashlib.sha256()
    try:
        for file in sorted(path.glob("*.safetensors")) if path.is_dir() else [path]:
            with file.open("rb") as opened:
                total.update(hashlib.file_digest(opened, "sha256").digest())
    except OSError as error:
        raise EngineUnavailable(
            f"the {what} {path} cannot be read: {error.strerror}", "Name a file that is there"
        ) from error
    return total.hexdigest()


@contextmanager
def _explained(cues: Sequence[str]) -> Iterator[None]:
    """Turns whatever goes wrong in the libraries below into an EngineError that names the cues."""
    where = ", ".join(cues)
    try:
        with torch.inference_mode():
            yield
    except CuesmithError:
        raise
    except (torch.OutOfMemoryError, MemoryError) as error:
        advice = "Use --precision int8 or bfloat16-stored, or another device"
        raise EngineError(f"ACE-Step ran out of memory on cue {where}", advice) from error
    except Exception as error:
        raise EngineError(f"ACE-Step broke on cue {where}: {type(error).__name__}: {error}") from error
