"""How clips come onto a timeline: absolute record frames, exclusive ends, floors, silence about what was dropped."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from fake_resolve.rows import ClipRow, ItemRow, TimelineRow, TrackRow, rate_of
from fake_resolve.world import World

AUDIO_ONLY = 2


def append(world: World, timeline: TimelineRow, infos: list[dict[str, Any]]) -> list[ItemRow]:
    """The items that the call answers; some of them may be ghosts."""
    errored = world.quirks.errored_appends > 0
    if errored:
        world.quirks.errored_appends -= 1
    made = [item for info in infos for item in _place(world, timeline, info, errored)]
    return [] if errored else made


def _place(world: World, timeline: TimelineRow, info: dict[str, Any], errored: bool) -> list[ItemRow]:
    clip: ClipRow = info["mediaPoolItem"]
    wanted = info.get("mediaType")
    kinds = ["audio"] if wanted == AUDIO_ONLY or clip.kind == "Audio" else ["video"]
    if wanted is None and clip.kind == "Video + Audio":
        kinds = ["video", "audio"]
    start, end = info.get("startFrame", 0), info.get("endFrame", clip.frames)
    if not all(isinstance(number, (int, float)) for number in (start, end)) or not 0 <= start < end:
        return []
    end = min(int(end), clip.frames)
    made = []
    for kind in kinds:
        track = _track(world, timeline, kind, info.get("trackIndex", 1))
        if track is None:
            continue
        # Without a record frame, after what is there.
        there = [] if isinstance(track, str) else track.items
        record = info.get("recordFrame", max([timeline.start, *(item.end for item in there)]))
        source_rate = rate_of(str(clip.fps))
        frames = math.floor((end - int(start)) * rate_of(timeline.rate) / source_rate)
        item = ItemRow(world.new_id("item"), clip.name, int(record), frames, clip, int(start), end)
        item.is_errored = errored
        if isinstance(track, str):
            item.is_ghost = track == "ghost"
            made += [item] if item.is_ghost else []
            continue
        if track.is_locked:
            continue
        if frames < 1 or any(item.start < one.end and one.start < item.end for one in track.items):
            item.is_ghost = True
        else:
            track.items.append(item)
            track.items.sort(key=lambda one: one.start)
        made.append(item)
    return made


def _track(world: World, timeline: TimelineRow, kind: str, index: Any) -> TrackRow | str | None:
    """The track; or what the program does about one that is not there."""
    tracks = timeline.tracks[kind]
    if not isinstance(index, (int, float)) or index < 1:
        return None
    if index <= len(tracks):
        return tracks[int(index) - 1]
    if world.quirks.beyond == "creates":
        tracks.append(TrackRow(f"{kind.capitalize()} {len(tracks) + 1}", "mono" if kind == "audio" else ""))
        return tracks[-1]
    return "ghost" if world.quirks.beyond == "ghost" else None


def heard(timeline: TimelineRow) -> list[tuple[str, int, int]]:
    """What a render has in it of the audio tracks: (name, offset from the start, frames).

    Only what lies between the timeline's start and its end; muted tracks and disabled items are not heard.
    """
    found = []
    for track in timeline.tracks["audio"]:
        for item in track.items:
            first, last = max(item.start, timeline.start), item.end
            if track.is_enabled and item.is_enabled and first < last:
                found.append((item.name, first - timeline.start, last - first))
    return found


def seconds(frames: int, rate: str) -> float:
    """How long frames last."""
    return float(Fraction(frames) / rate_of(rate))
