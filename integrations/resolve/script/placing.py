"""The music on its own track: found by name or added, laid at an absolute frame, and looked at afterwards."""

from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

from integrations.resolve.script.asking import BUSY, ask, has, id_of, read, read_maybe
from integrations.resolve.script.facts import Facts, Item, Track, rate_of, track_at
from integrations.resolve.script.journal import Journal
from integrations.resolve.script.paths import lies_in
from integrations.resolve.script.words import Trouble

AUDIO = "audio"
AUDIO_ONLY = 2  # a clip info's mediaType
LOCKED = "Unlock it and run again."


class Placed(NamedTuple):
    """An item that is there. frames: as it was read back. removed: how many of ours it took the place of."""

    track: int
    start: int
    frames: int
    clip_id: str
    removed: int


def own_track(timeline: Any, name: str, journal: Journal) -> int:
    """The number of our stereo track of a name, added at the end where there is none. Never a track of the user's."""
    count = int(read(timeline, "GetTrackCount", AUDIO))
    for index in range(1, count + 1):
        if read(timeline, "GetTrackName", AUDIO, index) == name and _is_stereo(timeline, index):
            if read(timeline, "GetIsTrackLocked", AUDIO, index):
                raise Trouble(f"The track {name} is locked", LOCKED)
            return index
    return _add_track(timeline, name, count, journal)


def _add_track(timeline: Any, name: str, count: int, journal: Journal) -> int:
    index = count + 1
    names = [name, f"Audio {index}"]  # ours, and what Resolve calls a new one
    journal.begun(f"the track {name}", lambda: _drop_track(timeline, index, count, names))
    for _ in range(3):
        if int(read(timeline, "GetTrackCount", AUDIO)) == count:
            ask(timeline, "AddTrack", AUDIO, "stereo")
    if int(read(timeline, "GetTrackCount", AUDIO)) != index:
        raise Trouble("DaVinci Resolve adds no audio track", BUSY)
    names.append(str(read(timeline, "GetTrackName", AUDIO, index)))
    if not _is_stereo(timeline, index):
        raise Trouble("DaVinci Resolve added a track that is not stereo", f"Add a stereo track named {name} by hand.")
    for _ in range(3):
        if read(timeline, "GetTrackName", AUDIO, index) == name:
            return index
        ask(timeline, "SetTrackName", AUDIO, index, name)
    if read(timeline, "GetTrackName", AUDIO, index) != name:
        raise Trouble(f"The new track cannot be named {name}", BUSY)
    return index


def _is_stereo(timeline: Any, index: int) -> bool:
    if not has(timeline, "GetTrackSubType"):
        return True
    return bool(read(timeline, "GetTrackSubType", AUDIO, index) == "stereo")


def place(pool: Any, timeline: Any, facts: Facts, index: int, clip: Any, folder: Path, journal: Journal) -> Placed:
    """Lay a clip over the range. What of ours was there goes; what is the user's stays, and is an error."""
    track = track_at(timeline, AUDIO, index)
    end = facts.first + facts.frames
    there = [item for item in track.items if item.start < end and facts.first < item.end]
    for item in there:
        if not is_ours(item, folder):
            raise Trouble(
                f"The track {track.name} has a clip of yours where the music goes, {item.path or item.id}",
                "Move it to another track and run again.",
            )
    for item in there:
        _remove(pool, timeline, facts, track, item, journal)
    placed = lay(pool, timeline, facts, index, clip, journal)
    return placed._replace(removed=len(there))


def lay(pool: Any, timeline: Any, facts: Facts, index: int, clip: Any, journal: Journal) -> Placed:
    """Append the clip and look for it. Raises Trouble for a ghost, a drop, a locked track, a track made unasked."""
    clip_id = id_of(clip)
    frames = source_frames(facts.frames, facts.rate, clip_rate(clip, facts))
    info = {
        "mediaPoolItem": clip,
        "startFrame": 0,
        "endFrame": frames,
        "mediaType": AUDIO_ONLY,
        "trackIndex": index,
        "recordFrame": facts.first,
    }
    count = int(read(timeline, "GetTrackCount", AUDIO))
    journal.begun("the music on the track", lambda: _take_off(timeline, index, facts.first, clip_id))
    for _ in range(2):
        found = _find_item(timeline, index, facts.first, clip_id)
        if found is None:
            ask(pool, "AppendToTimeline", [info])
            found = _find_item(timeline, index, facts.first, clip_id)
        if int(read(timeline, "GetTrackCount", AUDIO)) != count:
            journal.begun("a track added unasked", lambda: _drop_unasked(timeline, count, clip_id))
            raise Trouble("DaVinci Resolve put the music on a track that it added itself", BUSY)
        if found is not None:
            return Placed(index, found.start, found.end - found.start, clip_id, 0)
    if read(timeline, "GetIsTrackLocked", AUDIO, index):
        raise Trouble(f"The track {read(timeline, 'GetTrackName', AUDIO, index)} is locked", LOCKED)
    raise Trouble("DaVinci Resolve did not put the music on its track", BUSY)


def is_there(timeline: Any, placed: Placed) -> bool:
    """Whether a placed item is there as it was."""
    found = _find_item(timeline, placed.track, placed.start, placed.clip_id)
    return found is not None and found.end - found.start == placed.frames


def is_ours(item: Item, folder: Path) -> bool:
    """Whether an item shows a file that we fetched for this timeline."""
    return lies_in(item.path, folder)


def clip_rate(clip: Any, facts: Facts) -> Fraction:
    """A clip's own rate: a sound has the project's of the moment it was imported, which may not be the timeline's."""
    told = read_maybe(clip, "GetClipProperty", "FPS")
    return rate_of(str(told)) if told else facts.rate


def source_frames(frames: int, rate: Fraction, clip_rate: Fraction) -> int:
    """How many frames of a clip fill so many of the timeline's: the most that, rounded down, are not more."""
    over = (frames + 1) * clip_rate / rate
    return max(1, -(-over.numerator // over.denominator) - 1)


def mute(timeline: Any, index: int) -> None:
    """Disable a track. Raises Trouble where it stays enabled."""
    for _ in range(3):
        if not read(timeline, "GetIsTrackEnabled", AUDIO, index):
            return
        ask(timeline, "SetTrackEnable", AUDIO, index, False)
    if read(timeline, "GetIsTrackEnabled", AUDIO, index):
        raise Trouble("A track for stems cannot be muted", BUSY)


def _find_item(timeline: Any, index: int, start: int, clip_id: str) -> "Item | None":
    for item in track_at(timeline, AUDIO, index).items:
        if item.start == start and item.clip_id == clip_id:
            return item
    return None


def _remove(pool: Any, timeline: Any, facts: Facts, track: Track, item: Item, journal: Journal) -> None:
    def lay_back() -> bool:
        if _find_item(timeline, track.number, item.start, item.clip_id) is None:
            info = {
                "mediaPoolItem": item.clip,
                "startFrame": item.source,
                "endFrame": item.source + source_frames(item.end - item.start, facts.rate, clip_rate(item.clip, facts)),
                "mediaType": AUDIO_ONLY,
                "trackIndex": track.number,
                "recordFrame": item.start,
            }
            ask(pool, "AppendToTimeline", [info])
        return _find_item(timeline, track.number, item.start, item.clip_id) is not None

    journal.begun("the earlier music", lay_back)
    for _ in range(3):
        if item.id not in [one.id for one in track_at(timeline, AUDIO, track.number).items]:
            return
        ask(timeline, "DeleteClips", [item.item], False)
    if item.id in [one.id for one in track_at(timeline, AUDIO, track.number).items]:
        raise Trouble(f"The earlier music on {track.name} cannot be taken off", LOCKED)


def _take_off(timeline: Any, index: int, start: int, clip_id: str) -> bool:
    if int(read(timeline, "GetTrackCount", AUDIO)) < index:
        return True
    found = _find_item(timeline, index, start, clip_id)
    if found is not None:
        ask(timeline, "DeleteClips", [found.item], False)
    return _find_item(timeline, index, start, clip_id) is None


def _drop_unasked(timeline: Any, count: int, clip_id: str) -> bool:
    """Tracks above the count that have nothing but our clip on them."""
    for at in range(int(read(timeline, "GetTrackCount", AUDIO)), count, -1):
        items = track_at(timeline, AUDIO, at).items
        if any(item.clip_id != clip_id for item in items):
            return False
        if items:
            ask(timeline, "DeleteClips", [item.item for item in items], False)
        if not track_at(timeline, AUDIO, at).items:
            ask(timeline, "DeleteTrack", AUDIO, at)
    return int(read(timeline, "GetTrackCount", AUDIO)) == count


def _drop_track(timeline: Any, index: int, count: int, names: "list[str]") -> bool:
    """The track that we added, as long as it is empty and named as we left it."""
    if int(read(timeline, "GetTrackCount", AUDIO)) <= count:
        return True
    track = track_at(timeline, AUDIO, index)
    if track.items or track.name not in names:
        return False
    ask(timeline, "DeleteTrack", AUDIO, index)
    return int(read(timeline, "GetTrackCount", AUDIO)) == count
