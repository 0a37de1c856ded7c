"""Real films, scored and reviewed: what is burnt in lies in the strip, the film itself is as it was."""

from __future__ import annotations

import json
import shutil
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from films import ffmpeg
from reviewed import CODES, numbers_of
from scored import decoded

from pipeline.project import workspace_of
from pipeline.review.layout import Layout
from pipeline.review.review import make_review
from pipeline.score_video import Deliverable
from pipeline.settings import Settings
from scoring.errors import InputError, OutputRefused, ProjectMissing

SETTINGS = Settings()
SAMPLE_RATE_HZ = 48_000


@pytest.fixture(scope="module")
def review(finished: Deliverable, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_review(finished.video, output=tmp_path_factory.mktemp("whole"), settings=SETTINGS)


def middle(path: Path) -> tuple[int, int]:
    """A place in the middle of the film's picture."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        layout = Layout(stream.height)
        return stream.width // 2 - 32, layout.above_px // 2 - 32


def lag_samples(reviewed: np.ndarray, original: np.ndarray) -> tuple[int, float]:
    """How much later the first sounds than the second, and how alike they then are."""
    from scipy.signal import correlate

    count = min(reviewed.shape[1], original.shape[1])
    a, b = (sound[:, :count].mean(axis=0).astype(np.float64) for sound in (reviewed, original))
    lag = int(correlate(a, b, "full", "fft").argmax()) - (count - 1)
    shifted = np.roll(b, lag)
    return lag, float(np.corrcoef(a, shifted)[0, 1])


def test_every_picture_is_the_films_own_at_its_place(review: Path, finished: Deliverable) -> None:
    numbers = numbers_of(review, middle(review))
    assert numbers == [n % CODES for n in range(300)]
    assert review.name == "film.review.mp4"


def test_the_sound_is_the_finished_films_without_an_offset(review: Path, finished: Deliverable) -> None:
    lag, alike = lag_samples(decoded(review), decoded(finished.video))
    assert lag == 0
    assert alike > 0.99


def test_it_is_a_film_that_plays_everywhere(review: Path) -> None:
    with av.open(str(review)) as container:
        picture, sound = container.streams.video[0], container.streams.audio[0]
        assert (picture.codec.name, picture.pix_fmt) == ("h264", "yuv420p")
        assert (picture.width, picture.height) == (1280, 720)
        assert picture.average_rate == 25
        assert (sound.codec.name, sound.rate) == ("aac", SAMPLE_RATE_HZ)
        assert sound.duration * sound.time_base == pytest.approx(12.0, abs=0.03)


def test_a_stretch_starts_on_the_picture_that_shows_then(finished: Deliverable, tmp_path: Path) -> None:
    path = make_review(finished.video, output=tmp_path, from_s=4.05, to_s=6.5, height_px=480, settings=SETTINGS)
    numbers = numbers_of(path, middle(path))
    assert numbers == [n % CODES for n in range(101, 163)]
    original = decoded(finished.video)[:, round(101 / 25 * SAMPLE_RATE_HZ) : round(163 / 25 * SAMPLE_RATE_HZ)]
    lag, alike = lag_samples(decoded(path), original)
    assert lag == 0
    assert alike > 0.99


@pytest.mark.parametrize("name", ["film.scored.mkv", "film.scored.mov", "film.scored.ts"])
def test_other_containers_give_the_same_pictures_and_sound(finished: Deliverable, tmp_path: Path, name: str) -> None:
    video = moved(finished, tmp_path, name, "-c", "copy")
    path = make_review(video, from_s=2.0, to_s=4.0, height_px=480, settings=SETTINGS)
    assert path == tmp_path / "film.review.mp4"
    assert numbers_of(path, middle(path)) == [n % CODES for n in range(50, 100)]
    original = decoded(finished.video)[:, 2 * SAMPLE_RATE_HZ : 4 * SAMPLE_RATE_HZ]
    lag, alike = lag_samples(decoded(path), original)
    assert abs(lag) <= 48  # MPEG-TS and Matroska write times to the 90 kHz tick and the millisecond
    assert alike > 0.98


def test_a_film_of_variable_rate_is_shown_at_its_nominal_rate(finished: Deliverable, tmp_path: Path) -> None:
    # Every picture after the fourth second is shown for two.
    uneven = "select='lt(n,100)+not(mod(n,2))'"
    video = moved(
        finished, tmp_path, "film.scored.mp4", "-vf", uneven, "-fps_mode", "vfr", "-crf", "10", "-c:a", "copy"
    )
    path = make_review(video, height_px=480, settings=SETTINGS)
    with av.open(str(path)) as container:
        assert container.streams.video[0].average_rate == Fraction(25)
    numbers = numbers_of(path, middle(path))
    assert numbers == [(n if n < 100 else n // 2 * 2) % CODES for n in range(300)]


def test_a_turned_film_stands_upright(finished: Deliverable, tmp_path: Path) -> None:
    flat = moved(finished, tmp_path, "film.scored.mp4", "-c", "copy")
    turned = flat.with_name("turned.mp4")
    ffmpeg("-display_rotation", "-90", "-i", flat, "-c", "copy", turned)
    turned.replace(flat)
    path = make_review(flat, to_s=0.4, height_px=480, settings=SETTINGS)
    picture = frame(path, 0.2, tmp_path)
    layout = Layout(480)
    light = np.flatnonzero(picture[layout.above_px // 2].max(axis=1) > 20)
    left, _, width, _ = layout.film_box(180, 320)
    assert light.min() == pytest.approx(left, abs=2)
    assert light.max() == pytest.approx(left + width, abs=3)


def test_colours_are_the_films_own(finished: Deliverable, tmp_path: Path) -> None:
    red = "color=0xC02030:s=320x180:r=25:d=12"
    video = moved(finished, tmp_path, "film.scored.mp4", "-c:a", "copy", more=("-f", "lavfi", "-i", red))
    path = make_review(video, to_s=0.4, height_px=480, settings=SETTINGS)
    picture = frame(path, 0.2, tmp_path)
    seen = np.median(picture[40:200, 380:460].reshape(-1, 3), axis=0)
    assert np.abs(seen - (0xC0, 0x20, 0x30)).max() < 14


def test_what_fell_short_is_written_near_its_place(finished: Deliverable, tmp_path: Path) -> None:
    video = moved(finished, tmp_path, "film.scored.mp4", "-c", "copy")
    report = workspace_of(video) / "report.json"
    document = json.loads(report.read_text(encoding="utf-8"))
    document["checks"] = [
        {
            "id": "B1", "name": "loudness step", "value": 4.2, "unit": "LU", "allowed": "at most 1.5", "status": "fail",
            "at_s": 1.0, "advice": "Compose it again",
        }
    ]  # fmt: skip
    report.write_text(json.dumps(document), encoding="utf-8")
    path = make_review(video, to_s=6.0, height_px=480, settings=SETTINGS)
    layout = Layout(480)
    left, top, width, height = layout.messages[0]
    place = np.s_[layout.above_px + top : layout.above_px + top + height, left : left + width]
    assert frame(path, 1.0, tmp_path)[place].max() > 150
    assert frame(path, 5.5, tmp_path)[place].max() < 60


def test_a_film_whose_sound_is_gone_is_reviewed_silently(finished: Deliverable, tmp_path: Path) -> None:
    video = moved(finished, tmp_path, "film.scored.mp4", "-an", "-c:v", "copy")
    path = make_review(video, to_s=1.0, height_px=480, settings=SETTINGS)
    with av.open(str(path)) as container:
        assert not container.streams.audio


def test_what_cannot_be_is_refused_before_anything_is_written(finished: Deliverable, tmp_path: Path) -> None:
    video = moved(finished, tmp_path, "film.scored.mp4", "-c", "copy")
    there = sorted(tmp_path.rglob("*"))
    for error, given in (
        (InputError, {"from_s": 40.0}),
        (InputError, {"height_px": 100}),
        (InputError, {"height_px": 721}),
        (OutputRefused, {"output": tmp_path / "review.mkv"}),
        (OutputRefused, {"output": video}),
        (OutputRefused, {"output": tmp_path / "nowhere" / "review.mp4"}),
    ):
        with pytest.raises(error) as caught:
            make_review(video, settings=SETTINGS, **given)  # type: ignore[arg-type]
        assert caught.value.advice
    foreign = Path(shutil.copy(video, tmp_path / "foreign.mp4"))
    with pytest.raises(ProjectMissing, match="workspace"):
        make_review(foreign, settings=SETTINGS)
    foreign.unlink()
    assert sorted(tmp_path.rglob("*")) == there


def test_progress_rises_to_the_end(finished: Deliverable, tmp_path: Path) -> None:
    told: list[float] = []

    class Listening:
        def stage(self, name: str):  # type: ignore[no-untyped-def]
            assert name == "review"
            return told.append

        def note(self, text: str) -> None:
            raise AssertionError(text)

    make_review(finished.video, output=tmp_path, to_s=1.0, height_px=480, settings=SETTINGS, observer=Listening())
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1.0)


def moved(finished: Deliverable, folder: Path, name: str, *how: str, more: tuple[str, ...] = ()) -> Path:
    """The finished film made again in another way, with its workspace. more: an input whose picture is taken."""
    video = folder / name
    streams = ("-map", "1:v", "-map", "0:a") if more else ()
    coder = () if "copy" in how and "-c" in how else ("-c:v", "libx264", "-preset", "ultrafast")
    coder = () if "-c:v" in how else coder
    ffmpeg("-i", finished.video, *more, *streams, *coder, *how, video)
    workspace = shutil.copytree(finished.workspace, folder / finished.workspace.name)
    manifest = workspace / "manifest.json"
    facts = json.loads(manifest.read_text(encoding="utf-8"))
    facts["output"]["path"] = str(video)
    manifest.write_text(json.dumps(facts), encoding="utf-8")
    return video


def frame(path: Path, time_s: float, folder: Path) -> np.ndarray:
    """The picture shown at a time, [H, W, 3]."""
    still = folder / f"at {time_s}.png"
    ffmpeg("-ss", f"{time_s}", "-i", path, "-frames:v", "1", still)
    import cv2

    bgr = cv2.imread(str(still))
    still.unlink()
    return np.asarray(bgr[:, :, ::-1])
