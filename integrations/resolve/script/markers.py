"""Markers for cues, hits and ducks, told from the user's by their custom data."""

from typing import Any, NamedTuple

from integrations.resolve.script.asking import BUSY, ask, read_table
from integrations.resolve.script.edit import OURS
from integrations.resolve.script.facts import Facts
from integrations.resolve.script.journal import Journal
from integrations.resolve.script.words import Trouble, clock

CUE, UNSURE, HIT, DUCK = "Blue", "Yellow", "Red", "Sand"
SURE = 0.2  # mean confidence of a cue's mood below which its marker is Yellow
NEAR_FRAMES = 12  # how far a marker may move from a frame that is taken


class Wanted(NamedTuple):
    """offset: frames from the timeline's start. data: what tells it, unlike any other's."""

    offset: int
    colour: str
    name: str
    note: str
    frames: int
    data: str


class Marked(NamedTuple):
    """data → offset of what was set; how many moved, and how many found no room."""

    at: "dict[str, int]"
    moved: int
    left_out: int


def wanted_markers(
    facts: Facts, job: str, sheet: "dict[str, Any]", report: "dict[str, Any]", analysis: "dict[str, Any]"
) -> "list[Wanted]":
    """What the score says, on the timeline's frames. Marks of the user's are there already and get none."""
    found = []
    cues = sheet.get("cues") or []
    lufs = (report.get("loudness") or {}).get("music_lufs")
    for number, cue in enumerate(cues):
        start, end = frame_at(facts, cue["in_s"]), frame_at(facts, cue["out_s"])
        after = cues[number + 1].get("mood") if number + 1 < len(cues) else None
        mood = str(cue.get("mood") or "")
        turn = f" \u2192 {after}" if after and after != mood else ""
        told = [str(cue.get("prompt") or ""), f"{cue['bpm']:g} bpm", str(cue.get("key") or "")]
        told += [f"music {lufs:.1f} LUFS"] if isinstance(lufs, (int, float)) else []
        colour = CUE if _confidence(analysis, cue["in_s"], cue["out_s"]) >= SURE else UNSURE
        data = f"{OURS}{job}:{cue['id']}"
        name = f"{str(cue['id']).upper()} {mood}{turn}".strip()
        found.append(_wanted(facts, start, colour, name, "; ".join(t for t in told if t), end - start, data))
        for n, hit in enumerate(cue.get("hit_points") or [], 1):
            if hit.get("kind") != "manual" and hit.get("weight", 1) > 0:
                note = f"{hit.get('kind') or 'hit'} at {clock(hit['time_s'])}, weight {hit.get('weight', 1):g}"
                frame = frame_at(facts, hit["time_s"])
                found.append(_wanted(facts, frame, HIT, "Hit", note, 1, f"{data}:hit{n}"))
    for n, duck in enumerate((report.get("dialogue") or {}).get("ducks") or [], 1):
        start, end = frame_at(facts, duck["start_s"]), frame_at(facts, duck["end_s"])
        note = f"the music is {abs(duck.get('depth_db') or 0):.1f} dB lower under speech"
        found.append(_wanted(facts, start, DUCK, "Duck", note, end - start, f"{OURS}{job}:duck{n}"))
    return found


def _wanted(facts: Facts, frame: int, colour: str, name: str, note: str, frames: int, data: str) -> Wanted:
    offset = min(max(frame, 0), facts.frames - 1)
    longest = max(1, min(frames, facts.frames - offset))
    return Wanted(facts.first - facts.start + offset, colour, name, note, longest, data)


def frame_at(facts: Facts, time_s: float) -> int:
    """The frame nearest to a time of the range."""
    return int(time_s * facts.rate + 0.5)


def _confidence(analysis: "dict[str, Any]", in_s: float, out_s: float) -> float:
    """How sure the analysis is of a stretch; 1 where it says nothing."""
    curve = analysis.get("curve") or {}
    times, values = curve.get("times_s") or [], curve.get("confidence") or []
    inside = [values[n] for n in range(min(len(times), len(values))) if in_s <= times[n] < out_s]
    return float(sum(inside)) / len(inside) if inside else 1.0


def set_markers(timeline: Any, facts: Facts, wanted: "list[Wanted]", journal: Journal) -> Marked:
    """Our markers of the range are taken away, then these set. Nobody else's is touched."""
    first, last = facts.first - facts.start, facts.last - facts.start
    there = _markers(timeline)
    earlier = [_kept(offset, there[offset]) for offset in sorted(there) if first <= offset <= last]
    _remove_markers(timeline, [one for one in earlier if one.data.startswith(OURS)], journal)
    taken = set(_markers(timeline))
    chosen, left_out = [], 0
    for one in wanted:
        offset = _free(taken, one.offset, last)
        if offset is None:
            left_out += 1
            continue
        taken.add(offset)
        chosen.append(one._replace(offset=offset, frames=min(one.frames, last + 1 - offset)))
    journal.begun("the markers", lambda: _drop(timeline, chosen))
    _set(timeline, chosen)
    asked = {one.data: one.offset for one in wanted}
    moved = len([one for one in chosen if asked[one.data] != one.offset])
    return Marked({one.data: one.offset for one in chosen}, moved, left_out)


def all_there(timeline: Any, marked: Marked) -> bool:
    """Whether every marker that was set is there."""
    now = {one["customData"]: offset for offset, one in _markers(timeline).items()}
    return all(now.get(data) == offset for data, offset in marked.at.items())


def _markers(timeline: Any) -> "dict[int, dict[str, Any]]":
    """Offset → marker; Resolve counts offsets in floats."""
    found = {}
    for offset, marker in read_table(timeline, "GetMarkers").items():
        found[int(offset)] = {**marker, "customData": str(marker.get("customData") or "")}
    return found


def _kept(offset: int, marker: "dict[str, Any]") -> Wanted:
    colour, name, note = (str(marker.get(field) or "") for field in ("color", "name", "note"))
    return Wanted(offset, colour or CUE, name, note, int(marker.get("duration") or 1), marker["customData"])


def _free(taken: "set[int]", offset: int, last: int) -> "int | None":
    """The frame, or the next one near it that has no marker."""
    near = range(offset, min(offset + NEAR_FRAMES, last) + 1)
    return next((at for at in near if at not in taken), None)


def _missing(timeline: Any, wanted: "list[Wanted]") -> "list[Wanted]":
    now = _markers(timeline)
    return [one for one in wanted if now.get(one.offset, {}).get("customData") != one.data]


def _set(timeline: Any, wanted: "list[Wanted]") -> None:
    for _ in range(3):
        for one in _missing(timeline, wanted):
            ask(timeline, "AddMarker", one.offset, one.colour, one.name, one.note, one.frames, one.data)
    left = _missing(timeline, wanted)
    if left:
        raise Trouble(f"The marker {left[0].name} cannot be set at frame {left[0].offset}", BUSY)


def _remove_markers(timeline: Any, earlier: "list[Wanted]", journal: Journal) -> None:
    if not earlier:
        return
    journal.begun("the earlier markers", lambda: _set_back(timeline, earlier))
    if not _drop(timeline, earlier):
        raise Trouble("Earlier markers of Cuesmith's cannot be removed", BUSY)


def _set_back(timeline: Any, earlier: "list[Wanted]") -> bool:
    _set(timeline, earlier)
    return True


def _drop(timeline: Any, ours: "list[Wanted]") -> bool:
    """Take these away, each only where its custom data says that it is it."""
    data = {one.data for one in ours}
    for _ in range(3):
        left = [offset for offset, marker in _markers(timeline).items() if marker["customData"] in data]
        for offset in left:
            ask(timeline, "DeleteMarkerAtFrame", offset)
        if not left:
            return True
    return not [1 for marker in _markers(timeline).values() if marker["customData"] in data]
