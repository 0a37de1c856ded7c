"""The edit as the timeline has it: exact cuts, and the user's markers for the music to land on (cuesmith.edit/1)."""

from typing import Any

from integrations.resolve.script.asking import read_table
from integrations.resolve.script.facts import Facts, Item, Track

EDIT_SCHEMA = "cuesmith.edit/1"
OURS = "cuesmith:v1:"
LONGEST_SHOT_S = 60.0  # a longer piece may well be an edited film with cuts inside, which only detection finds
NESTED = ("compound", "timeline", "multicam", "fusion")


def edit_of(facts: Facts, timeline: Any, colour: "str | None") -> "dict[str, Any]":
    """The document, zero being the range's first frame. Without "cuts" they are detected."""
    document: dict[str, Any] = {
        "schema": EDIT_SCHEMA,
        "source": facts.name,
        "duration_s": facts.duration_s,
        "marks": marks_of(facts, timeline, colour) if colour else [],
    }
    cuts = cuts_of(facts)
    if cuts is not None:
        document["cuts"] = cuts
    return document


def marks_of(facts: Facts, timeline: Any, colour: str) -> "list[dict[str, Any]]":
    """The user's markers of a colour inside the range."""
    found = []
    for offset, marker in sorted(read_table(timeline, "GetMarkers").items()):
        frame = facts.start + int(offset)
        theirs = not str(marker.get("customData") or "").startswith(OURS)
        if theirs and marker.get("color") == colour and facts.first <= frame <= facts.last:
            name, note = str(marker.get("name") or ""), str(marker.get("note") or "")
            found.append({"time_s": facts.seconds(frame), "name": name, "colour": colour, "note": note})
    return found


def cuts_of(facts: Facts) -> "list[dict[str, Any]] | None":
    """Where one picture gives way to another; None where the items do not tell.

    They do not for a single item, which may be a whole film, for long ones, and for nested timelines.
    """
    shots = _shots(facts)
    clips = [item for _, item in shots if item is not None]
    nested = any(item.kind.lower().startswith(NESTED) for item in clips)
    edges = [frame for frame, _ in shots] + [facts.last + 1]
    longest = max(edges[n + 1] - edges[n] for n in range(len(edges) - 1))
    if len(shots) < 2 or nested or float(longest / facts.rate) > LONGEST_SHOT_S:
        return None
    found = []
    for frame, _ in shots[1:]:
        cut: dict[str, Any] = {"time_s": facts.seconds(frame)}
        fade = _transition(facts, frame)
        if fade is not None:
            cut["kind"] = "dissolve"
            cut["start_s"] = max(0.0, facts.seconds(fade.start))
            cut["end_s"] = facts.seconds(min(fade.end, facts.last + 1))
        found.append(cut)
    return found


def _shots(facts: Facts) -> "list[tuple[int, Item | None]]":
    """(first frame, what is seen) for each stretch in the range: the topmost clip. A cut through one clip is none."""
    tracks = [track for track in facts.tracks if track.kind == "video" and track.is_enabled]
    frames = {facts.first}
    for track in tracks:
        for item in track.items:
            frames |= {frame for frame in (item.start, item.end) if facts.first < frame <= facts.last}
    shots: list[tuple[int, Item | None]] = []
    for frame in sorted(frames):
        top = _top(tracks, frame)
        if not shots or not _goes_on(shots[-1][1], top, frame):
            shots.append((frame, top))
    return shots


def _top(tracks: "list[Track]", frame: int) -> "Item | None":
    there = [item for track in tracks for item in track.items if item.start <= frame < item.end]
    clips = [item for item in there if item.clip is not None and item.is_enabled]
    return clips[-1] if clips else None


def _goes_on(before: "Item | None", after: "Item | None", frame: int) -> bool:
    """Whether the picture goes on as it was over a frame: the same clip, frame after frame."""
    if before is None or after is None:
        return before is None and after is None
    same_frame = before.source + (frame - before.start) == after.source + (frame - after.start)
    return before.id == after.id or (before.clip_id == after.clip_id and same_frame)


def _transition(facts: Facts, frame: int) -> "Item | None":
    """The transition over a cut: no clip, and neighbours that end and begin inside it."""
    for track in facts.tracks:
        for item in track.items if track.kind == "video" else ():
            edges = [edge for one in track.items if one.clip is not None for edge in (one.start, one.end)]
            inside = [edge for edge in edges if item.start <= edge <= item.end]
            if item.clip is None and item.start <= frame <= item.end and inside:
                return item
    return None
