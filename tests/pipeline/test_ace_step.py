"""A real film scored by ACE-Step with real modules of real shape and random weights: what they make is noise, and the
film must come back in order all the same."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch
from ace_step_checkpoints import tiny_checkpoint
from films import colour_film
from safetensors.torch import save_file
from scored import decoded, loudness_lufs, stream_md5, true_peak_dbtp

from music_engine.ace_step import model
from music_engine.ace_step.dit.transformer import AceStepTransformer
from music_engine.ace_step.engine import AceStepV1
from music_engine.ace_step.text.encoder import TextEncoder
from music_engine.options import EngineOptions
from pipeline.score_video import Deliverable, score_video
from pipeline.settings import Settings
from pipeline.wish import Wish
from scoring.errors import Cancelled, CheckpointRefused, EngineUnavailable
from scoring.request import CueAudio, CueRequest
from scoring.wishes.asked import Asked

STEPS = 3
CUES = ["1m1", "1m1b", "1m1c"]
PROMPTS = '[0:4] "calm warm strings, 72 BPM"\n[4:8] "drums enter, 110 BPM"\n[8:12] "忧伤的钢琴"\n'


@dataclass
class Run:
    """One run of the pipeline, and what its real parts were given and gave."""

    made: Deliverable
    told: list[str]
    read: list[str]
    composed: list[tuple[CueRequest, CueAudio]]
    shares: list[float]


class Following:
    """An observer that keeps the shares of the composing stage, and may stop the run there."""

    def __init__(self, stop: Callable[[], bool] = lambda: False) -> None:
        self.shares: list[float] = []
        self.notes: list[str] = []
        self._stop = stop

    def stage(self, name: str) -> Callable[[float], None]:
        def tell(share: float) -> None:
            if name == "compose":
                self.shares.append(share)
                if self._stop():
                    raise Cancelled("told to stop")

        return tell

    def note(self, text: str) -> None:
        self.notes.append(text)


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_checkpoint(tmp_path_factory.mktemp("checkpoint"))


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("film")
    (folder / "prompts.txt").write_text(PROMPTS, encoding="utf-8")
    return colour_film(folder / "film.mp4", [("0x88BBDD", 4.0), ("0x401010", 4.0), ("0xFFD040", 4.0)])


@pytest.fixture(scope="module")
def wish(film: Path, checkpoint: Path) -> Wish:
    options = EngineOptions(checkpoint=checkpoint, device="cpu", precision="float32", sampling={"steps": STEPS})
    return Wish(engine="ace-step-v1", engines=options, prompts=film.with_name("prompts.txt"))


@pytest.fixture(scope="module")
def run(film: Path, wish: Wish) -> Iterator[Run]:
    told: list[str] = []
    read: list[str] = []
    composed: list[tuple[CueRequest, CueAudio]] = []
    encode, compose = TextEncoder.encode, AceStepV1.compose

    def listening(self: TextEncoder, prompts: Any, **more: Any) -> Any:
        told.extend(prompts)
        read.extend(self.tokenizer.decode(ids) for ids in self.tokenizer.encode(prompts).ids.tolist())
        return encode(self, prompts, **more)

    def keeping(self: AceStepV1, requests: Any, **more: Any) -> Any:
        answers = compose(self, requests, **more)
        composed.extend(zip(requests, answers, strict=True))
        return answers

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TextEncoder, "encode", listening)
        patch.setattr(AceStepV1, "compose", keeping)
        observer = Following()
        made = score_video(film, wish, observer=observer)
    return Run(made, told, read, composed, observer.shares)


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One entry a pass of the real transformer: the frames it was called with."""
    seen: list[int] = []
    forward = AceStepTransformer.forward

    def counting(self: AceStepTransformer, latent: torch.Tensor, *rest: Any, **more: Any) -> Any:
        seen.append(latent.shape[-1])
        return forward(self, latent, *rest, **more)

    monkeypatch.setattr(AceStepTransformer, "forward", counting)
    return seen


def manifest(made: Deliverable) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((made.workspace / "manifest.json").read_text("utf-8"))
    return document


def test_every_cue_is_ace_steps_and_nothing_fell_back(run: Run) -> None:
    found = manifest(run.made)
    assert [take["engine"] for take in found["takes"]] == ["ace-step-v1"] * 3
    assert found["engine"] == "ace-step-v1"
    assert found["fallbacks"] == []
    assert found["versions"]["engines"]["ace-step-v1"]
    assert found["settings"]["engine_options"]["sampling"] == {"steps": STEPS}
    assert [row["engine"] for row in run.made.report.cues] == ["ace-step-v1"] * 3


def test_each_cues_exact_prompt_is_in_the_text_encoders_input(run: Run) -> None:
    for cue in run.made.sheet.cues:
        assert cue.prompt in run.told
        assert cue.prompt in run.read, "as the token ids say it"
    assert {"drums enter", "忧伤的钢琴"} <= {
        word for told in run.told for word in ("drums enter", "忧伤的钢琴") if word in told
    }


def test_the_stem_on_disk_is_what_the_engine_made(run: Run, wish: Wish) -> None:
    alone = AceStepV1(wish.engines)
    for request, answer in run.composed:
        (stem,) = (run.made.workspace / "cues").glob(f"{request.cue_id}-*/*.flac")
        assert stem.stem == "music"
        lying = soundfile.read(stem, dtype="float32")[0].T
        assert np.abs(lying - answer.audio).max() <= 2**-23
        (direct,) = alone.compose([request])
        assert np.abs(lying - direct.audio).max() <= 2**-23


def test_noise_is_delivered_within_loudness_and_true_peak(run: Run, film: Path) -> None:
    rows = {check.name: check for check in run.made.report.checks}
    assert rows["integrated loudness"].status == "pass"
    assert rows["true peak"].status == "pass"
    audio = decoded(run.made.video)
    assert loudness_lufs(audio) == pytest.approx(-14.0, abs=0.6)
    assert true_peak_dbtp(audio) <= -0.9
    assert stream_md5(run.made.video, "v:0") == stream_md5(film, "v:0")


def test_progress_is_told_at_every_step_of_every_cue(run: Run) -> None:
    assert run.shares == sorted(run.shares)
    assert len(set(run.shares)) >= 3 * STEPS
    assert run.shares[-1] == pytest.approx(1.0)


def test_what_ace_step_cannot_promise_stands_in_the_report(run: Run) -> None:
    for row in run.made.report.cues:
        assert any("planned, not measured" in warning for warning in row["warnings"])


def test_beats_that_are_only_planned_are_no_measure_of_hits(run: Run) -> None:
    assert any(cue.hit_points for cue in run.made.sheet.cues)
    assert run.made.report.hits == ()
    (row,) = [row for row in run.made.report.checks if row.id == "A1"]
    assert (row.value, row.status) == (None, "not measurable")
    assert "no sure pulse" in row.advice


def test_running_again_composes_nothing_and_other_settings_compose_anew(
    run: Run, film: Path, wish: Wish, checkpoint: Path, tmp_path: Path, passes: list[int]
) -> None:
    again = score_video(film, wish)
    assert not any(row["composed_now"] for row in again.report.cues)
    assert passes == []
    assert stream_md5(again.video, "a:0") == stream_md5(run.made.video, "a:0")
    elsewhere = replace(wish, output=tmp_path / "out.mp4")
    score_video(film, elsewhere)
    other = replace(elsewhere.engines, checkpoint=tiny_checkpoint(tmp_path / "other", seed=1))
    anew = score_video(film, replace(elsewhere, engines=other))
    assert all(row["composed_now"] for row in anew.report.cues)


def test_a_run_that_is_stopped_takes_no_further_step_and_the_next_goes_on_from_there(
    film: Path, wish: Wish, tmp_path: Path, passes: list[int]
) -> None:
    elsewhere = replace(wish, output=tmp_path / "out.mp4")
    first_cue = 0

    def in_the_second_cue() -> bool:
        nonlocal first_cue
        if not first_cue and list(tmp_path.glob("*.cuesmith/cues/1m1-*/take.json")):
            first_cue = len(passes)
        return bool(first_cue) and len(passes) > first_cue

    observer = Following(stop=in_the_second_cue)
    with pytest.raises(Cancelled):
        score_video(film, elsewhere, observer=observer)
    assert first_cue
    assert len(passes) == first_cue + 1
    assert not (tmp_path / "out.mp4").exists()
    assert not [path for path in tmp_path.rglob("*") if ".part" in path.name or "scratch" in path.name]
    done = score_video(film, elsewhere)
    assert [row["composed_now"] for row in done.report.cues] == [False, True, True]


def test_an_engine_that_breaks_on_a_cue_is_stood_in_for_on_that_cue_alone(
    film: Path, wish: Wish, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = _breaking_on(monkeypatch, CUES[1], RuntimeError("a cosmic ray"))
    observer = Following()
    made = score_video(film, replace(wish, output=tmp_path / "out.mp4"), observer=observer)
    assert [take["engine"] for take in manifest(made)["takes"]] == ["ace-step-v1", "composer", "ace-step-v1"]
    ((cue, engine, reason),) = manifest(made)["fallbacks"]
    assert (cue, engine) == (CUES[1], "ace-step-v1")
    assert "a cosmic ray" in reason
    assert made.report.facts["fallbacks"] == manifest(made)["fallbacks"]
    assert any(CUES[1] in note and "composer stood in" in note for note in observer.notes)
    assert any("composer stood in" in warning for warning in made.report.warnings)
    broken.clear()
    mended = score_video(film, replace(wish, output=tmp_path / "out.mp4"))
    assert [take["engine"] for take in manifest(mended)["takes"]] == ["ace-step-v1"] * 3


@pytest.mark.parametrize("stop", [KeyboardInterrupt, Cancelled])
def test_a_wish_to_stop_is_never_taken_for_a_failure(
    film: Path, wish: Wish, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop: type[BaseException]
) -> None:
    _breaking_on(monkeypatch, "1m1", stop("stop"))
    with pytest.raises(stop):
        score_video(film, replace(wish, output=tmp_path / "out.mp4", fallback=True))
    assert not list(tmp_path.glob("*.cuesmith/cues/*"))


def test_an_engine_asked_for_by_name_that_cannot_start_is_an_error(film: Path, wish: Wish, tmp_path: Path) -> None:
    without = replace(wish, output=tmp_path / "out.mp4", engines=EngineOptions(checkpoint=tmp_path / "nowhere"))
    with pytest.raises(EngineUnavailable, match="hf download"):
        score_video(film, without)


def test_with_fallback_the_composer_stands_in_and_every_record_says_so(film: Path, wish: Wish, tmp_path: Path) -> None:
    options = EngineOptions(checkpoint=tmp_path / "nowhere")
    observer = Following()
    asked = replace(wish, output=tmp_path / "out.mp4", engine="ace-step-base", engines=options, fallback=True)
    made = score_video(film, asked, observer=observer)
    found = manifest(made)
    assert found["engine"] == "composer"
    assert "stands in" in found["why"]
    assert [row[:2] for row in found["fallbacks"]] == [[cue, "ace-step-v1"] for cue in CUES]
    assert all("nowhere" in row[2] for row in found["fallbacks"])
    assert any("ace-step-v1 cannot start" in note for note in observer.notes)
    assert any("ace-step-v1 cannot start" in warning for warning in made.report.warnings)


def test_a_lora_that_does_not_fit_is_an_error_and_with_fallback_a_reason_found_once(
    film: Path, wish: Wish, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loads: list[int] = []
    load = model.load_transformer
    monkeypatch.setattr(model, "load_transformer", lambda *a, **k: (loads.append(1), load(*a, **k))[1])
    key = "transformer_blocks.0.attn.to_q"
    lora = tmp_path / "lora.safetensors"
    save_file({f"{key}.lora_A.weight": torch.zeros(2, 3), f"{key}.lora_B.weight": torch.zeros(3, 2)}, lora)
    unfit = replace(wish, output=tmp_path / "out.mp4", engines=replace(wish.engines, lora=lora))
    with pytest.raises(CheckpointRefused, match=r"lora\.safetensors"):
        score_video(film, unfit)
    loads.clear()
    made = score_video(film, replace(unfit, fallback=True))
    assert [row[1] for row in manifest(made)["fallbacks"]] == ["ace-step-v1"] * 3
    assert loads == [1], "an engine that cannot start is not tried on the other cues"


def test_what_is_to_be_avoided_is_listed_as_not_used(film: Path, wish: Wish, tmp_path: Path) -> None:
    asked = Asked(prompt="piano", avoid="drums")
    made = score_video(film, replace(wish, output=tmp_path / "out.mp4", prompts=None, asked=asked))
    for row in made.report.wishes:
        assert "no drums" in row.not_used
        assert "no drums" not in row.obeyed
        assert "piano" in row.obeyed


def test_settings_say_what_a_run_does_not(film: Path, wish: Wish, tmp_path: Path) -> None:
    settings = Settings(engines=wish.engines)
    made = score_video(film, replace(wish, output=tmp_path / "out.mp4", engines=EngineOptions()), settings=settings)
    assert manifest(made)["fallbacks"] == []
    assert manifest(made)["engine"] == "ace-step-v1"


def test_auto_takes_weights_that_are_here_and_quick_enough_and_says_which(
    film: Path, wish: Wish, tmp_path: Path, checkpoint: Path
) -> None:
    made = score_video(film, replace(wish, output=tmp_path / "out.mp4", engine="auto"))
    assert manifest(made)["engine"] == "ace-step-v1"
    assert str(checkpoint) in manifest(made)["why"]


def _breaking_on(monkeypatch: pytest.MonkeyPatch, cue: str, error: BaseException) -> dict[str, BaseException]:
    """The real engine, whose transformer breaks while it works on one cue, as long as the table says so."""
    errors = {cue: error}
    working: list[str] = []
    compose, forward = AceStepV1.compose, AceStepTransformer.forward

    def composing(self: AceStepV1, requests: Any, **more: Any) -> Any:
        working[:] = [request.cue_id for request in requests]
        return compose(self, requests, **more)

    def passing(self: AceStepTransformer, *given: Any, **more: Any) -> Any:
        for name in working:
            if name in errors:
                raise errors[name]
        return forward(self, *given, **more)

    monkeypatch.setattr(AceStepV1, "compose", composing)
    monkeypatch.setattr(AceStepTransformer, "forward", passing)
    return errors
