"""The picture for the service: the clip's own file where the timeline is that clip whole, else a small render."""

import time
from pathlib import Path
from typing import Any, NamedTuple

from integrations.resolve.script.asking import BUSY, ask, has, read, read_list, read_maybe, read_table
from integrations.resolve.script.boxes import film_of
from integrations.resolve.script.entering import Place
from integrations.resolve.script.facts import Facts, Track, is_own
from integrations.resolve.script.journal import Journal
from integrations.resolve.script.options import Options
from integrations.resolve.script.paths import same_path
from integrations.resolve.script.words import Trouble, say

POLL_S = 1.0
QUIET_POLLS = 10  # so often a job may neither render nor have ended before it is given up
LIMIT_S = 600.0  # for a render, and ten times the film's length on top
HEIGHT = 540  # enough for what is looked at
PRESETS = ("H.264 Master", "YouTube - 1080p", "ProRes 422 HQ", "H.265 Master")
CODECS = (
    ("mp4", "H264"), ("mov", "H264"), ("mov", "ProRes422LT"), ("mov", "ProRes422P"), ("mov", "DNxHRLB"),
    ("mov", "DNxHRSQ"), ("mov", "ProRes422"), ("mov", "ProRes422HQ"), ("mp4", "H265"),
)  # fmt: skip
READABLE = (".mp4", ".mov", ".m4v", ".mkv", ".mxf", ".avi", ".webm", ".mts", ".m2ts", ".mpg")  # no camera raw
KEPT_PRESET = "Cuesmith keeps your settings here"


class Picture(NamedTuple):
    """is_ours: it was rendered, so it may be deleted."""

    path: Path
    is_ours: bool


def whole_clip(facts: Facts, own: str) -> "Path | None":
    """The file of the timeline's one untouched clip; None where it takes a render to see the timeline.

    One clip on one video track from the first frame to the last at its own rate, with nothing else in picture or sound.
    A grade is not seen: it changes the music little.
    """
    items = [
        (track, item) for track in facts.tracks if not is_own(track, own) and track.is_enabled for item in track.items
    ]
    pictures = [item for track, item in items if track.kind == "video"]
    if facts.is_marked or len(pictures) != 1 or pictures[0].clip is None:
        return None
    one = pictures[0]
    sounds = [item for track, item in items if track.kind == "audio"]
    same = all(
        (s.clip_id, s.start, s.end, s.source, s.is_enabled) == (one.clip_id, one.start, one.end, 0, True)
        for s in sounds
    )
    length = str(read_maybe(one.clip, "GetClipProperty", "Frames") or "")
    rate = str(read_maybe(one.clip, "GetClipProperty", "FPS") or "")
    is_whole = one.start == facts.start and one.source == 0 and length == str(facts.frames)
    is_same_rate = bool(rate) and abs(float(rate.split()[0]) - float(facts.rate)) < 0.005
    # A clip with sound of which the timeline has none would be scored as if it were heard.
    is_heard = bool(sounds) or not one.kind.lower().endswith("audio")
    is_file = one.path.lower().endswith(READABLE) and Path(one.path).is_file()
    is_it = same and is_whole and is_same_rate and is_heard and one.is_enabled and one.is_plain and is_file
    return Path(one.path) if is_it else None


def picture_of(place: Place, facts: Facts, options: Options, folder: Path, journal: Journal) -> Picture:
    """A file with the range's picture and sound. What the render changed is put back before this returns."""
    path = whole_clip(facts, options.track) if options.render != "always" else None
    if path is not None:
        say(f"takes {path}")
        return Picture(path, False)
    if options.render == "never":
        raise Trouble(
            "The timeline is not one untouched clip, and rendering is off",
            'Set "render" to "auto" in cuesmith.json, or score the whole of one clip.',
        )
    try:
        return Picture(_render(place, facts, folder, journal, options.track), True)
    finally:
        left = journal.put_back()
        if left:
            say(f"could not put back: {', '.join(left)}")


def _render(place: Place, facts: Facts, folder: Path, journal: Journal, own: str) -> Path:
    project = place.project
    if ask(project, "IsRenderingInProgress"):
        raise Trouble("DaVinci Resolve is rendering", "Wait until it has finished, and run again.")
    _borrow(place, facts, journal, own)
    choices = [
        (form, codec) for form, codec in CODECS if codec in read_table(project, "GetRenderCodecs", form).values()
    ]
    if not choices:
        raise Trouble(
            "DaVinci Resolve offers no format that can be sent", "Set render to never, and score whole clips."
        )
    why = ""
    for form, codec in choices[:3]:
        say(f"renders {facts.duration_s:.1f} s as {form}, {codec}")
        path = _one_render(place, facts, folder, journal, form, codec)
        film = film_of(path)
        if film is None or (film.picture_s is not None and abs(film.picture_s - facts.duration_s) * facts.rate <= 1.5):
            return path
        if film.picture_s is None:
            why = "The render has no picture, whatever was asked for"
        else:
            why = f"The render lasts {film.picture_s:.2f} s, and {facts.duration_s:.2f} s were asked for"
        path.unlink()
    raise Trouble(why, "Load a video preset on the Deliver page, and run again.")


def _borrow(place: Place, facts: Facts, journal: Journal, own: str) -> None:
    """Remember what a render changes: page, settings, marks; and keep our own music out of the film's sound."""
    project, timeline, resolve = place.project, place.timeline, place.resolve
    page = read_maybe(resolve, "GetCurrentPage")
    if page:
        journal.borrowed("the page", lambda: _page(resolve, page))
    used = read_table(project, "GetCurrentRenderFormatAndCodec")
    mode = read_maybe(project, "GetCurrentRenderMode")
    journal.borrowed("a render preset of ours", lambda: _drop_preset(project))
    if has(timeline, "GetMarkInOut"):
        marks = read_table(timeline, "GetMarkInOut")
        journal.borrowed("the marked range", lambda: _reset_marks(timeline, marks))
    _drop_preset(project)  # one that a crash left would bring back settings of then
    journal.borrowed("the render settings", lambda: _settings(project, used, mode))
    # Settings cannot be read, but a preset keeps them.
    if has(project, "SaveAsNewRenderPreset") and has(project, "DeleteRenderPreset"):
        for _ in range(2):
            if KEPT_PRESET not in _presets(project):
                ask(project, "SaveAsNewRenderPreset", KEPT_PRESET)
    for track in facts.tracks:
        if is_own(track, own) and track.is_enabled and track.items:
            _mute(timeline, track, journal)
    presets = _presets(project)
    for name in PRESETS:
        if name in presets and ask(project, "LoadRenderPreset", name):
            break
    ask(project, "SetCurrentRenderMode", 1)


def _one_render(place: Place, facts: Facts, folder: Path, journal: Journal, form: str, codec: str) -> Path:
    project = place.project
    for _ in range(2):
        ask(project, "SetCurrentRenderFormatAndCodec", form, codec)
        if read_table(project, "GetCurrentRenderFormatAndCodec").get("codec") == codec:
            break
    name = f"picture {int(time.time() * 1000)}"
    settings = {
        "SelectAllFrames": False,
        "MarkIn": facts.first,
        "MarkOut": facts.last,
        "TargetDir": str(folder),
        "CustomName": name,
        "ExportVideo": True,
        "ExportAudio": True,
    }
    if not ask(project, "SetRenderSettings", settings):
        ask(project, "SetRenderSettings", settings)
    small = _small(place.timeline)
    if small:
        ask(project, "SetRenderSettings", small)
    before = [str(row.get("JobId")) for row in read_list(project, "GetRenderJobList")]
    journal.borrowed("the render job", lambda: _drop_jobs(project, before, folder))
    job = _add_job(place, before, folder, settings)
    _wait(project, job, facts)
    _drop_jobs(project, before, folder)
    paths = [path for path in folder.iterdir() if path.stem == name and path.stat().st_size > 0]
    if not paths:
        raise Trouble(f"DaVinci Resolve says that it rendered, and there is no file in {folder}", BUSY)
    return paths[0]


def _small(timeline: Any) -> "dict[str, int]":
    """A small size of the timeline's shape, even numbers; nothing where the shape is not known."""
    try:
        width = int(ask(timeline, "GetSetting", "timelineResolutionWidth") or 0)
        height = int(ask(timeline, "GetSetting", "timelineResolutionHeight") or 0)
    except ValueError:
        return {}
    if width < 2 or height <= HEIGHT:
        return {}
    return {"FormatWidth": int(width * HEIGHT / height / 2) * 2, "FormatHeight": HEIGHT}


def _add_job(place: Place, before: "list[str]", folder: Path, settings: "dict[str, Any]") -> str:
    """The id of a job with our settings; on the Deliver page where it is not made on the user's."""
    for page in ("", "", "deliver"):
        if page:
            ask(place.resolve, "OpenPage", page)
        answer = ask(place.project, "AddRenderJob")
        jobs = read_list(place.project, "GetRenderJobList")
        new = [str(job["JobId"]) for job in jobs if "JobId" in job and str(job["JobId"]) not in before]
        if new:
            return new[-1]
        if answer and not jobs:
            return str(answer)
        ask(place.project, "SetRenderSettings", settings)  # maybe they were not taken
    raise Trouble(
        f"DaVinci Resolve makes no render job into {folder}", "Render once on the Deliver page, and run again."
    )


def _wait(project: Any, job: str, facts: Facts) -> None:
    ends_s = time.time() + LIMIT_S + 10 * facts.duration_s
    ask(project, "StartRendering", [job])
    quiet, told = 0, -1
    while True:
        status = read_table(project, "GetRenderJobStatus", job)
        state = str(status.get("JobStatus") or "").lower()
        share = int(status.get("CompletionPercentage") or 0)
        if state.startswith("complete"):
            return
        if state.startswith(("fail", "cancel")):
            raise Trouble(f"The render has {state}", str(status.get("Error") or "Render once by hand to see why."))
        if share >= told + 10:
            told = share
            say(f"renders, {share} %")
        is_going = bool(ask(project, "IsRenderingInProgress"))
        quiet = 0 if is_going else quiet + 1
        if quiet == 3 and state in ("", "ready"):
            ask(project, "StartRendering", [job])
        if quiet > QUIET_POLLS or time.time() > ends_s:
            ask(project, "StopRendering")
            raise Trouble(f'The render does not end: it is "{state}" at {share} %', BUSY)
        time.sleep(POLL_S)


# What puts back: each looks whether it is done, and does it where it is not ---------------------------------------


def _page(resolve: Any, page: str) -> bool:
    if ask(resolve, "GetCurrentPage") != page:
        ask(resolve, "OpenPage", page)
    return bool(ask(resolve, "GetCurrentPage") == page)


def _settings(project: Any, used: "dict[str, Any]", mode: Any) -> bool:
    presets = _presets(project)
    if KEPT_PRESET in presets:
        ask(project, "LoadRenderPreset", KEPT_PRESET)
    now = read_table(project, "GetCurrentRenderFormatAndCodec")
    if used and now != used:
        ask(project, "SetCurrentRenderFormatAndCodec", used.get("format"), used.get("codec"))
        now = read_table(project, "GetCurrentRenderFormatAndCodec")
    if mode is not None and ask(project, "GetCurrentRenderMode") != mode:
        ask(project, "SetCurrentRenderMode", mode)
    return (now == used or not used) and (mode is None or ask(project, "GetCurrentRenderMode") == mode)


def _presets(project: Any) -> "list[Any]":
    return read_list(project, "GetRenderPresetList")


def _drop_preset(project: Any) -> bool:
    if KEPT_PRESET in _presets(project):
        ask(project, "DeleteRenderPreset", KEPT_PRESET)
    return KEPT_PRESET not in _presets(project)


def _drop_jobs(project: Any, before: "list[str]", folder: Path) -> bool:
    """The jobs into our folder that were not there before."""
    for _ in range(2):
        rows = [row for row in read_list(project, "GetRenderJobList") if str(row.get("JobId")) not in before]
        ours = [row["JobId"] for row in rows if same_path(str(row.get("TargetDir") or ""), str(folder))]
        if not ours:
            return True
        for job in ours:
            ask(project, "DeleteRenderJob", job)
    return False


def _reset_marks(timeline: Any, marks: "dict[str, Any]") -> bool:
    """Set marks as they were. SetMarkInOut keeps a number as it is given, so what was read is what is set."""
    if read_table(timeline, "GetMarkInOut") == marks:
        return True
    if has(timeline, "ClearMarkInOut"):
        ask(timeline, "ClearMarkInOut", "all")
        for kind, edges in marks.items():
            if "in" in edges and "out" in edges:
                ask(timeline, "SetMarkInOut", edges["in"], edges["out"], kind)
    return read_table(timeline, "GetMarkInOut") == marks


def _mute(timeline: Any, track: Track, journal: Journal) -> None:
    def enable() -> bool:
        if not ask(timeline, "GetIsTrackEnabled", "audio", track.number):
            ask(timeline, "SetTrackEnable", "audio", track.number, True)
        return bool(ask(timeline, "GetIsTrackEnabled", "audio", track.number))

    journal.borrowed(f"the track {track.name}", enable)
    for _ in range(2):
        ask(timeline, "SetTrackEnable", "audio", track.number, False)
        if not read(timeline, "GetIsTrackEnabled", "audio", track.number):
            return
    raise Trouble(f"The track {track.name} cannot be muted for the render", BUSY)
