from __future__ import annotations

import json
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from itertools import repeat
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from films import colour_film, plain_film
from scored import decoded, stream_md5
from units_done import Done, Telling, attempt, attempt_elsewhere, do_job, source_of, task_of

from integrations.jobs.orders import Order, read_order
from integrations.storage.opening import open_storage
from integrations.storage.storage import Storage
from integrations.work.bench import clear
from integrations.work.task import Outcome, Step
from pipeline.score_takes import score_takes
from pipeline.score_video import Deliverable, score_video
from pipeline.settings import Settings
from pipeline.wish import Wish
from scoring.analysis import Cut
from scoring.edit import Edit, Mark
from scoring.errors import Cancelled, CueSheetError, EngineError, InputError, UnsupportedMedia

TITLE = "Our holiday – 夏.mov"
PROMPTS = '[0:4] "calm warm strings"\n[4:8] "drums enter, 110 BPM"\n[8:12] "full of hope"\n'
EDIT = Edit((Cut(4.0, "cut", 0.5), Cut(8.0, "cut", 0.5), Cut(10.0, "cut", 0.5)), (Mark(6.5),), 12.0, "cut 7.otio")
WISH = {"stems": True, "music": True, "starts_at_s": 3600.0}
TEXTS = {"prompts": PROMPTS, "edit": json.dumps(EDIT.to_json())}
ORDER = read_order({"kind": "score", "wish": WISH, "texts": TEXTS})


@dataclass(frozen=True)
class Place:
    """A film under its owner's name, what the command makes of it, and a storage that has it too."""

    film: Path
    made: Deliverable
    storage: Storage
    source: dict[str, Any]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    folder = tmp_path_factory.mktemp("place")
    (folder / "prompts.txt").write_text(PROMPTS, "utf-8")
    film = colour_film(folder / TITLE, [("0x88BBDD", 4.0), ("0x401010", 4.0), ("0xFFD040", 4.0)])
    wish = Wish(prompts=folder / "prompts.txt", stems=True, music=True, starts_at_s=3600.0, edit=EDIT)
    made = score_video(film, wish)
    storage = open_storage(str(folder / "storage"))
    return Place(film, made, storage, source_of(storage, film))


@pytest.fixture(scope="module")
def alone(place: Place, tmp_path_factory: pytest.TempPathFactory) -> Done:
    """The same order by units, each on a machine of its own, of which only those that compose have an engine."""
    folder = tmp_path_factory.mktemp("machines")

    def settings(step: Step) -> Settings:
        return Settings() if step.kind == "compose" else lacking_the_engine(place)

    return do_job(ORDER, place.storage, lambda step, n: folder / str(n), source=place.source, settings=settings)


def lacking_the_engine(place: Place) -> Settings:
    no_soundfont = place.film.with_name("prompts.txt")
    return replace(Settings(), engines=replace(Settings().engines, soundfont=no_soundfont))


def samples(folder: Path) -> dict[str, Any]:
    return {path.name: soundfile.read(path, dtype="int32")[0] for path in folder.glob("*.flac")}


def check_same(done: Done, place: Place, folder: Path) -> None:
    """The service's film, sheet, stems and report are the command's."""
    video = done.fetch("film.scored.mov", folder)
    assert stream_md5(video, "a:0") == stream_md5(place.made.video, "a:0")
    assert stream_md5(video, "v:0") == stream_md5(place.made.video, "v:0")
    assert done.document("cues.json") == json.loads((place.made.workspace / "cues.json").read_text("utf-8"))
    assert place.made.stems is not None
    stems = {path.relative_to(place.made.stems).as_posix(): path for path in place.made.stems.rglob("*.flac")}
    assert {name.removeprefix("stems/") for name in done.shown() if name.startswith("stems/")} == stems.keys()
    for name, path in stems.items():
        assert done.fetch(f"stems/{name}", folder / "stems").read_bytes() == path.read_bytes()
    assert place.made.music is not None
    assert done.fetch("film.music.wav", folder).read_bytes() == place.made.music.read_bytes()
    ours, theirs = done.document("report.json"), json.loads(place.made.report_path.read_text("utf-8"))
    for document in (ours, theirs):
        assert document.pop("stages_s").keys() >= {"analyse", "spot", "compose", "mix", "master", "deliver"}
        document["warnings"].sort()
    assert ours == theirs


def test_units_on_machines_of_their_own_make_what_the_command_makes(place: Place, alone: Done, tmp_path: Path) -> None:
    assert [step.name for step in alone.steps if step.kind == "compose"] == ["1m1", "1m1b", "1m1c"]
    check_same(alone, place, tmp_path)
    for cue in place.made.sheet.cues:
        (take,) = (place.made.workspace / "cues").glob(f"{cue.id}-*")
        files = {f.name: f for f in alone.outcomes[f"compose:{cue.id}"].files}
        assert files.keys() == {f"cues/{take.name}/{path.name}" for path in take.iterdir()}
        for path in take.iterdir():
            assert place.storage.get_bytes(files[f"cues/{take.name}/{path.name}"].key, 10**8) == path.read_bytes()


def test_units_on_one_machine_make_the_same_and_do_nothing_twice(place: Place, tmp_path: Path) -> None:
    done = do_job(ORDER, place.storage, lambda step, n: tmp_path / "work", source=place.source, job="shared")
    check_same(done, place, tmp_path / "got")
    bench = tmp_path / "work" / "shared"
    assert [path.name for path in (bench / "film").iterdir()] == ["film.mov"]
    assert not [path for path in bench.rglob("*") if ".part" in path.name or "scratch" in path.name]
    clear(tmp_path / "work", "shared")
    assert not bench.exists()
    assert done.fetch("report.json", tmp_path / "after").is_file()


def test_what_is_shown_names_the_film_as_its_owner_does_and_no_folder_of_the_server(alone: Done) -> None:
    assert alone.document("cues.json")["source"] == TITLE
    texts = [json.dumps(outcome.to_json()) for outcome in alone.outcomes.values()]
    texts += [json.dumps(alone.document(name)) for name in ("report.json", "cues.json", "analysis.json")]
    assert not any("machines" in text for text in texts)
    assert all(file.key.startswith("jobs/job1/") for outcome in alone.outcomes.values() for file in outcome.files)


def test_people_are_told_everything_once(alone: Done) -> None:
    assert alone.telling.notes
    assert len(set(alone.telling.notes)) == len(alone.telling.notes)
    assert set(alone.telling.notes) <= set(alone.document("report.json")["warnings"])


def test_the_facts_say_what_happened(place: Place, alone: Done) -> None:
    looked, spotted = alone.outcomes["analyse"].facts, alone.outcomes["spot"].facts
    assert (looked["shots"], looked["duration_s"]) == (3, pytest.approx(12.0, abs=0.05))
    assert [cue["id"] for cue in spotted["cues"]] == ["1m1", "1m1b", "1m1c"]
    assert spotted["seed"] == place.made.sheet.seed
    cue = alone.outcomes["compose:1m1b"].facts
    assert (cue["engine"], cue["tempo"], cue["bpm"], cue["composed_now"]) == ("composer", "exact", 110.0, True)
    finished = alone.outcomes["finish"].facts
    assert finished["fell_short"] == []
    assert finished["stages_s"].keys() >= {"analyse", "compose", "master"}


def test_an_edited_sheet_keeps_the_content_keys_of_the_cues_that_stay(
    place: Place, alone: Done, tmp_path: Path
) -> None:
    document = alone.document("cues.json")
    document["cues"][1]["seed"] += 1
    order = read_order({"kind": "score", "wish": {}, "texts": {"sheet": json.dumps(document)}})
    looked = {"analyse": alone.outcomes["analyse"]}
    task = task_of(order, Step("spot"), job="edited", source=place.source, done=looked)
    (spotted,) = attempt([task], place.storage, tmp_path / "work", settings=lacking_the_engine(place))
    assert isinstance(spotted, Outcome)
    before = {step.name: step.key for step in alone.steps if step.kind == "compose"}
    after = {step.name: step.key for step in spotted.steps}
    assert [before[name] == after[name] for name in ("1m1", "1m1b", "1m1c")] == [True, False, True]


def test_several_takes_are_those_of_the_command_with_their_comparison(tmp_path: Path) -> None:
    film = plain_film(tmp_path / "The film.mp4", 3.0)
    made = score_takes(film, 2)
    storage = open_storage(str(tmp_path / "storage"))
    order = read_order({"kind": "score", "wish": {"takes": 2}})
    done = do_job(order, storage, lambda step, n: tmp_path / str(n), source=source_of(storage, film))
    assert [step.name for step in done.steps if step.kind == "compose"] == ["1m1", "1m1@2"]
    for number, take in enumerate(made.takes, 1):
        video = done.fetch(f"film.scored.take{number}.mp4", tmp_path / "got")
        assert stream_md5(video, "a:0") == stream_md5(take.made.video, "a:0")
        assert done.document(f"film.take{number}.report.json")["fell_short"] == []
    assert np.array_equal(decoded(done.fetch("film.takes.mp4", tmp_path / "got")), decoded(made.clip))
    page = done.fetch("film.takes.html", tmp_path / "got").read_text("utf-8")
    assert "The film.mp4" in page
    assert str(tmp_path) not in page
    assert [take["seed"] for take in done.outcomes["finish"].facts["takes"]] == [take.seed for take in made.takes]


def test_one_cue_can_be_composed_by_itself_and_listened_to(place: Place, alone: Done, tmp_path: Path) -> None:
    sheet = json.dumps(alone.document("cues.json"))
    order = read_order({"kind": "compose_cue", "cue": "1m1b", "texts": {"sheet": sheet}})
    done = do_job(order, place.storage, lambda step, n: tmp_path / "work", job="one")
    take = alone.outcomes["compose:1m1b"].facts["take"]
    assert done.outcomes["compose:1m1b"].facts["take"] == take
    shown = done.shown()
    assert {f"cues/{take}/cue.mid", f"cues/{take}/bass.flac", "cue.flac"} <= shown.keys()
    mix = soundfile.read(done.fetch("cue.flac", tmp_path), dtype="float64")[0]
    (folder,) = (place.made.workspace / "cues").glob("1m1b-*")
    whole = sum(stem / 2**31 for stem in samples(folder).values())
    assert np.abs(mix - whole).max() < 2**-22


def test_a_cue_that_the_sheet_lacks_is_refused_by_name(alone: Done, place: Place, tmp_path: Path) -> None:
    sheet = json.dumps(alone.document("cues.json"))
    order = read_order({"kind": "compose_cue", "cue": "9m9", "texts": {"sheet": sheet}})
    (error,) = attempt([task_of(order, Step("compose", "9m9"))], place.storage, tmp_path / "work")
    assert isinstance(error, CueSheetError)
    assert "9m9" in error.what


def test_analysing_and_spotting_are_jobs_by_themselves(place: Place, alone: Done, tmp_path: Path) -> None:
    looked = do_job(Order("analyse"), place.storage, lambda s, n: tmp_path / "a", source=place.source, job="a")
    assert looked.shown().keys() == {"analysis.json"}
    assert looked.document("analysis.json") == alone.document("analysis.json")
    spotted = do_job(Order("spot"), place.storage, lambda s, n: tmp_path / "s", source=place.source, job="s")
    assert spotted.shown().keys() == {"analysis.json", "cues.json"}
    assert [step.kind for step in spotted.steps] == ["analyse", "spot"]


def test_music_without_a_film_is_the_same_for_the_same_order(place: Place, tmp_path: Path) -> None:
    document = {"kind": "music", "wish": {"bpm": 120}, "music": {"prompt": "happy piano", "duration_s": 10}}
    sounds = []
    for number, form in enumerate(("wav", "flac")):
        order = read_order({**document, "music": {**document["music"], "output_format": form}})  # type: ignore[dict-item]
        done = do_job(order, place.storage, lambda s, n, at=number: tmp_path / str(at), job=f"m{number}")  # type: ignore[misc]
        facts = done.outcomes["music"].facts
        assert (facts["engine"], facts["bpm"], facts["duration_s"]) == ("composer", 120.0, 10.0)
        sounds.append(soundfile.read(done.fetch(f"music.{form}", tmp_path), dtype="float64")[0])
    assert np.abs(sounds[0] - sounds[1]).max() < 2**-14
    assert np.abs(sounds[0]).max() > 0.01


def test_a_later_attempt_on_the_same_bench_stores_the_same_under_its_own_prefix(
    place: Place, alone: Done, tmp_path: Path
) -> None:
    step = next(step for step in alone.steps if step.name == "1m1")
    results = []
    for token in (1, 2):
        task = task_of(ORDER, step, job="again", done={"spot": alone.outcomes["spot"]}, token=token)
        (outcome,) = attempt([task], place.storage, tmp_path / "work")
        assert isinstance(outcome, Outcome)
        assert all(f.key.startswith(f"{task.prefix}/") for f in outcome.files)
        results.append([(f.name, f.sha256) for f in outcome.files])
    assert results[0] == results[1]


def test_cues_of_a_job_may_be_composed_on_one_machine_at_the_same_time(
    place: Place, alone: Done, tmp_path: Path
) -> None:
    steps = [step for step in alone.steps if step.kind == "compose"]
    tasks = [task_of(ORDER, step, job="busy", done={"spot": alone.outcomes["spot"]}) for step in (*steps, steps[0])]
    tasks[-1] = replace(tasks[-1], token=2, prefix=tasks[-1].prefix + "-again")  # and one of them twice
    storage = str(place.film.parent / "storage")
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        made = list(pool.map(attempt_elsewhere, tasks, repeat(storage), repeat(tmp_path / "work")))
    for step, outcome in zip((*steps, steps[0]), made, strict=True):
        assert isinstance(outcome, Outcome)
        wanted = alone.outcomes[f"compose:{step.name}"].files
        assert [(f.name, f.sha256) for f in outcome.files] == [(f.name, f.sha256) for f in wanted]


@pytest.mark.parametrize("kind", ["analyse", "compose", "finish"])
def test_a_unit_that_is_no_longer_wanted_ends_at_its_next_step(
    place: Place, alone: Done, tmp_path: Path, kind: str
) -> None:
    stopped: list[str] = []

    def step(name: str, share: float) -> None:
        if share > 0 and name not in ("spot",) and not (kind == "finish" and name == "analyse"):
            stopped.append(name)

    first = next(step for step in alone.steps if step.kind == kind)
    task = task_of(ORDER, first, job=f"stopped-{kind}", source=place.source, done=alone.outcomes)
    (error,) = attempt([task], place.storage, tmp_path / "work", telling=Telling(step), cancelled=lambda: bool(stopped))
    assert isinstance(error, Cancelled)
    assert len(stopped) == 1
    assert place.storage.list_keys(task.prefix) == []


def test_what_is_no_video_is_refused_without_the_servers_folders(tmp_path: Path) -> None:
    fake = tmp_path / "playlist.mp4"
    fake.write_text("#EXTM3U\nfile:///etc/passwd\n", "utf-8")
    storage = open_storage(str(tmp_path / "storage"))
    task = task_of(Order("analyse"), Step("analyse"), source=source_of(storage, fake))
    (error,) = attempt([task], storage, tmp_path / "work")
    assert isinstance(error, UnsupportedMedia)
    assert str(tmp_path) not in str(error)
    assert storage.list_keys(task.prefix) == []


@pytest.mark.parametrize("name", ["../../etc/x.mp4", "", "..", "a/b\\c.mp4", "nul\0.mp4"])
def test_a_hostile_name_of_a_film_stays_a_name(tmp_path: Path, name: str) -> None:
    film = plain_film(tmp_path / "film.mp4", 1.0)
    storage = open_storage(str(tmp_path / "storage"))
    source = {**source_of(storage, film), "name": name}
    done = do_job(Order("spot"), storage, lambda step, n: tmp_path / "work", source=source)
    assert "/" not in done.document("cues.json")["source"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["film.mp4", "storage", "work"]
    assert [path.name for path in (tmp_path / "work" / "job1" / "film").iterdir()] == ["film.mp4"]


def test_a_unit_without_what_it_builds_on_is_worth_another_attempt(place: Place, tmp_path: Path) -> None:
    (error,) = attempt([task_of(ORDER, Step("finish"), source=place.source)], place.storage, tmp_path / "work")
    assert isinstance(error, EngineError)
    assert error.retry == "at once"


@pytest.mark.parametrize("job", ["", "..", "a/b", "/tmp"])
def test_no_bench_lies_outside_the_work_folder(place: Place, tmp_path: Path, job: str) -> None:
    with pytest.raises(InputError, match="no job's id"):
        clear(tmp_path, job)
    (error,) = attempt([task_of(ORDER, Step("spot"), job=job)], place.storage, tmp_path / "work")
    assert isinstance(error, InputError)


def test_only_cues_are_done_together(place: Place, tmp_path: Path) -> None:
    task = task_of(ORDER, Step("spot"), source=place.source)
    with pytest.raises(ValueError, match="only cues"):
        attempt([task, task], place.storage, tmp_path / "work")
