"""The score for the open timeline, from the first look to the last."""

import json
import traceback
from pathlib import Path
from typing import Any, NamedTuple

from integrations.resolve.script.asking import ask, id_of, read
from integrations.resolve.script.edit import edit_of
from integrations.resolve.script.entering import Place, enter, find_resolve
from integrations.resolve.script.facts import Facts, is_own, look
from integrations.resolve.script.journal import Journal
from integrations.resolve.script.markers import DUCK, HIT, Marked, Wanted, all_there, set_markers, wanted_markers
from integrations.resolve.script.options import Options, film_folder, find_options, read_key, safe_name
from integrations.resolve.script.placing import Placed, is_there, lay, mute, own_track, place
from integrations.resolve.script.pool import import_file, keep_bin
from integrations.resolve.script.rendering import picture_of
from integrations.resolve.script.service import Service, digest, file_sha256
from integrations.resolve.script.state import recall, remember
from integrations.resolve.script.words import Trouble, one_line, say, several

UNTITLED = "Untitled Project"  # saving one opens a dialogue that blocks everything after it
MUSIC = "film.music.wav"
STEMS = "stems/"


class Score(NamedTuple):
    """A job that ended well, here. stems: name → file."""

    job: str
    music: Path
    stems: "dict[str, Path]"
    sheet: "dict[str, Any]"
    report: "dict[str, Any]"
    analysis: "dict[str, Any]"


def run(resolve: Any, options: Options) -> str:
    """Score the open timeline and lay the music on it; what is to be said of it. Raises Trouble.

    Whatever goes wrong, what was begun is taken back: tracks, clips, items, markers, bin, page and render settings.
    """
    journal = Journal()
    place_ = enter(resolve)
    try:
        told = _score(place_, options, journal)
    except BaseException:
        left = journal.take_back()
        if left:
            say(f"could not take back: {', '.join(left)}")
        raise
    left = journal.put_back()
    return told + (f" Could not put back: {', '.join(left)}." if left else "")


def _score(place_: Place, options: Options, journal: Journal) -> str:
    key, key_from = read_key(options)
    service = Service(options.server, key, key_from)
    facts = look(place_.timeline, options.range, options.track)
    folder = film_folder(options, place_.project_name, facts.name)
    edit = edit_of(facts, place_.timeline, options.hit_colour)
    order = _order(facts, edit, options)
    asked = digest([order, _seen(facts, options.track)])
    job = _find_job(place_, facts, order, asked, options, folder, service, journal)
    done = service.follow(job, options.wait_s)
    if done is None:
        return f"the score is being made (job {job}). Run the script again to collect it."
    score = _fetch(service, done, folder, options)
    told = _lay(_same_place(place_, facts), facts, score, options, folder, journal)
    remember(folder, asked, job=job, is_placed=True)
    return told


def _order(facts: Facts, edit: "dict[str, Any]", options: Options) -> "dict[str, Any]":
    wish: dict[str, Any] = {
        "music": True,
        "starts_at_s": facts.starts_at_s,
        "engine": options.engine,
        "loudness": options.loudness,
        "dialogue": options.dialogue,
    }
    if options.style:
        wish["style"] = options.style
    if options.stems:
        wish["stems"] = True
    return {"kind": "score", "wish": wish, "texts": {"edit": json.dumps(edit, sort_keys=True)}}


def _find_job(
    place_: Place,
    facts: Facts,
    order: "dict[str, Any]",
    asked: str,
    options: Options,
    folder: Path,
    service: Service,
    journal: Journal,
) -> str:
    """The job for this timeline as it is: the one of before where nothing changed, else a new one."""
    kept = recall(folder, asked)
    is_wanted = bool(kept.get("job")) and not (options.render == "always" and kept.get("is_placed"))
    if is_wanted and (service.job(kept["job"]) or {"state": "gone"}).get("state") in _ALIVE:
        say(f"collects job {kept['job']}")
        return str(kept["job"])
    service.document("/v1/jobs?limit=1")  # a service that is away or refuses the key is told of before a long render
    picture = picture_of(place_, facts, options, folder, journal)
    try:
        sha256 = file_sha256(picture.path)
        upload = service.upload(picture.path, sha256)
        job = service.order({**order, "source": {"upload": upload}}, digest([sha256, order, upload]))
    finally:
        if picture.is_ours:
            picture.path.unlink()
    remember(folder, asked, job=job, is_placed=False)
    say(f"ordered job {job}")
    return job


_ALIVE = ("queued", "fetching", "analysing", "spotting", "composing", "mixing", "mastering", "muxing", "succeeded")


def _seen(facts: Facts, own: str) -> "list[Any]":
    """What tells whether the timeline is as it was: its range and every item of the user's."""
    items = [
        [track.kind, track.number, track.is_enabled, item.start, item.end, item.path or item.clip_id, item.source,
         item.is_enabled]
        for track in facts.tracks
        if not is_own(track, own)
        for item in track.items
    ]  # fmt: skip
    return [facts.id, facts.start, facts.first, facts.frames, facts.rate_text, items]


def _fetch(service: Service, done: "dict[str, Any]", folder: Path, options: Options) -> Score:
    """The job's files, in names that only this job's have: Resolve keeps what it once imported under a path."""
    job = str(done["id"])
    short = job.split("_")[-1][:8]
    files = {str(file["name"]): file for file in done.get("files") or []}
    if MUSIC not in files:
        raise Trouble(f"the job {job} has no {MUSIC}", "The service is older than this script: update it.")
    music = service.download(job, files[MUSIC], folder / f"music {short}.wav")
    stems = {}
    for name in sorted(files) if options.stems else ():
        stem = name[len(STEMS) : -len(".flac")]
        if name.startswith(STEMS) and name.endswith(".flac") and "/" not in stem:
            stems[stem] = service.download(job, files[name], folder / f"{safe_name(stem)} {short}.flac")
    sheet = service.document(f"/v1/jobs/{job}/cue-sheet")
    texts = {}
    for name in ("report.json", "analysis.json"):
        texts[name] = service.document(f"/v1/jobs/{job}/files/{name}") if name in files else {}
    return Score(job, music, stems, sheet, texts["report.json"], texts["analysis.json"])


def _same_place(before: Place, facts: Facts) -> Place:
    """Where the music goes: the current timeline, if that is still the one, and as it was."""
    now = enter(before.resolve)
    if id_of(now.timeline) != facts.id:
        raise Trouble(f"Another timeline was opened meanwhile; the score is for {facts.name}", "Open it and run again.")
    start, rate = read(now.timeline, "GetStartFrame"), read(now.timeline, "GetSetting", "timelineFrameRate")
    if (int(start), str(rate)) != (facts.start, facts.rate_text):
        raise Trouble("The timeline's start or rate was changed meanwhile", "Run again to have it scored as it is now.")
    return now


def _lay(place_: Place, facts: Facts, score: Score, options: Options, folder: Path, journal: Journal) -> str:
    timeline, pool = place_.timeline, place_.pool
    keep_bin(pool, journal)
    saves: list[bool] = []
    journal.begun("the project on disk", lambda: not saves or bool(ask(place_.manager, "SaveProject")))
    clip = import_file(pool, options.bin, score.music, journal)
    index = own_track(timeline, options.track, journal)
    placed = [(clip, place(pool, timeline, facts, index, clip, folder, journal))]
    for stem, path in sorted(score.stems.items()):
        clip = import_file(pool, options.bin, path, journal)
        at = own_track(timeline, f"{options.track} {stem}", journal)
        placed.append((clip, place(pool, timeline, facts, at, clip, folder, journal)))
        mute(timeline, at)
    wanted = wanted_markers(facts, score.job, score.sheet, score.report, score.analysis)
    marked = set_markers(timeline, facts, wanted, journal)
    is_saved = _save(place_, facts, placed, marked, saves, journal)
    return _told(facts, score, options, folder, [one for _, one in placed], wanted, marked, is_saved)


def _save(
    place_: Place,
    facts: Facts,
    placed: "list[tuple[Any, Placed]]",
    marked: Marked,
    saves: "list[bool]",
    journal: Journal,
) -> bool:
    """Save and look again: items of an append that went wrong vanish when the project is saved."""
    if place_.project_name == UNTITLED:
        _check(place_, placed, marked)
        return False
    saves.append(True)
    is_saved = bool(ask(place_.manager, "SaveProject") or ask(place_.manager, "SaveProject"))
    gone = [(clip, one) for clip, one in placed if not is_there(place_.timeline, one)]
    if gone:
        for clip, one in gone:
            lay(place_.pool, place_.timeline, facts, one.track, clip, journal)
        is_saved = bool(ask(place_.manager, "SaveProject") or ask(place_.manager, "SaveProject"))
    _check(place_, placed, marked)
    return is_saved


def _check(place_: Place, placed: "list[tuple[Any, Placed]]", marked: Marked) -> None:
    if not all(is_there(place_.timeline, one) for _, one in placed):
        raise Trouble("The music is not on its track after saving", "Run again, or lay it by hand from its bin.")
    if not all_there(place_.timeline, marked):
        raise Trouble("Markers are missing after saving", "Run again.")


def _told(
    facts: Facts,
    score: Score,
    options: Options,
    folder: Path,
    placed: "list[Placed]",
    wanted: "list[Wanted]",
    marked: Marked,
    is_saved: bool,
) -> str:
    """One paragraph."""
    music, set_ = placed[0], [one for one in wanted if one.data in marked.at]
    hits, ducks = (len([one for one in set_ if one.colour == colour]) for colour in (HIT, DUCK))
    parts = [
        f"the music for {facts.name} lies on audio track {music.track}, {options.track}, from frame {music.start} "
        f"for {several(music.frames, 'frame')} ({music.frames / float(facts.rate):.2f} s), "
        f"with {several(len(set_) - hits - ducks, 'cue')}, {several(hits, 'hit')} and {several(ducks, 'duck')} marked"
    ]
    if music.frames != facts.frames:
        parts.append(f"the range has {several(facts.frames, 'frame')}: the clip's own rate is another")
    if len(placed) > 1:
        parts.append(f"{several(len(placed) - 1, 'stem')} on muted tracks")
    if music.removed:
        parts.append("it took the place of the earlier music there")
    if marked.moved:
        parts.append(f"{several(marked.moved, 'marker')} moved to a free frame beside")
    if marked.left_out:
        parts.append(f"{several(marked.left_out, 'marker')} found no free frame")
    parts += [facts.note] if facts.note else []
    parts.append("the project is saved" if is_saved else "the project is NOT saved: save it yourself")
    parts.append(f"job {score.job}, files in {folder}")
    return "; ".join(parts) + "."


def main(injected: Any, app: Any, script: "str | None") -> None:
    """Run from Resolve's menu: everything that is to be said goes to the console."""
    try:
        options = find_options(script)
        say(run(find_resolve(injected, app), options))
    except Trouble as trouble:
        say(str(trouble))
    except KeyboardInterrupt:
        say("stopped.")
    except Exception as error:
        traceback.print_exc()
        say(f"this was not foreseen: {one_line(repr(error))}. Please report the lines above.")
