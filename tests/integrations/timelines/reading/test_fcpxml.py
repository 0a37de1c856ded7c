"""Storylines, connected clips, compound clips: what is seen is what counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from integrations.timelines.reading.read_timeline import read_timeline
from scoring.edit import Edit, Mark
from scoring.errors import TimelineError
from scoring.timebase import FrameRate

RATE = FrameRate(24)
RESOURCES = """
<format id="r0" frameDuration="1/24s"/>
<asset id="a" name="a.mov" start="0s" duration="100s" hasVideo="1" hasAudio="1" format="r0"/>
<asset id="b" name="b.mov" start="3600s" duration="100s" hasVideo="1" hasAudio="1" format="r0"/>
<asset id="c" name="c.mov" start="0s" duration="100s" hasVideo="1" format="r0"/>
<asset id="s" name="s.wav" start="0s" duration="100s" hasAudio="1"/>
<effect id="t" name="Basic Title" uid="x"/>
<media id="m" name="inner"><sequence format="r0" tcStart="10s" duration="10s"><spine>
  <asset-clip ref="a" offset="10s" duration="4s" start="20s">
    <marker start="21s" duration="1/24s" value="within"/></asset-clip>
  <asset-clip ref="c" offset="14s" duration="6s"/>
</spine></sequence></media>
"""


def read(folder: Path, spine: str, resources: str = RESOURCES, *, as_folder: bool = False) -> Edit:
    text = f"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE fcpxml>
<fcpxml version="1.11"><resources>{resources}</resources><library><event><project name="cut 7">
<sequence format="r0" tcStart="3600s" tcFormat="NDF" duration="20s"><spine>{spine}</spine></sequence>
</project></event></library></fcpxml>"""
    path = folder / ("cut.fcpxmld" if as_folder else "cut.fcpxml")
    if as_folder:
        path.mkdir()
        (path / "Info.fcpxml").write_text(text, "utf-8")
    else:
        path.write_text(text, "utf-8")
    return read_timeline(path, frame_rate=RATE)


def times(edit: Edit) -> list[float]:
    assert all(cut.kind == "cut" for cut in edit.cuts or ())
    return [cut.time_s for cut in edit.cuts or ()]


def test_a_clip_above_hides_the_storyline_and_its_sound_does_not(tmp_path: Path) -> None:
    edit = read(
        tmp_path,
        """<asset-clip ref="a" offset="3600s" start="50s" duration="10s">
             <asset-clip ref="b" lane="1" offset="52s" start="3610s" duration="3s"/>
             <asset-clip ref="s" lane="-1" offset="51s" duration="6s"/>
             <title ref="t" lane="2" offset="56s" duration="2s" name="a title"/>
             <asset-clip ref="c" lane="1" offset="58s" duration="1s" enabled="0"/>
           </asset-clip>
           <asset-clip ref="a" offset="3610s" start="60s" duration="2s"/>
           <asset-clip ref="a" offset="3612s" start="70s" duration="2s"/>""",
    )
    # At 10 s the same source goes on; at 12 s it has jumped.
    assert times(edit) == [2.0, 5.0, 12.0]
    assert edit.duration_s == 14.0


def test_a_compound_clip_shows_its_own_cuts_and_marks_as_far_as_it_is_used(tmp_path: Path) -> None:
    edit = read(
        tmp_path,
        """<asset-clip ref="b" offset="3600s" duration="5s"/>
           <ref-clip ref="m" offset="3605s" start="10.5s" duration="6s"/>
           <ref-clip ref="m" offset="3611s" start="15s" duration="5s"/>""",
    )
    # Within: 0.5 s is cut off, so that the inner cut at 4 s is at 3.5 s; at 11 s another part of c follows.
    assert times(edit) == [5.0, 8.5, 11.0]
    assert edit.marks == (Mark(5.5, "within", "Blue"),)


def test_a_compound_clip_at_double_speed_has_its_cuts_at_half_the_time(tmp_path: Path) -> None:
    edit = read(
        tmp_path,
        """<ref-clip ref="m" offset="3600s" duration="5s">
             <timeMap><timept time="0s" value="0s"/><timept time="5s" value="10s"/></timeMap>
           </ref-clip>
           <asset-clip ref="b" duration="5s"/>""",
    )
    assert times(edit) == [2.0, 5.0]


def test_a_secondary_storyline_an_audition_and_a_synchronised_clip_are_pictures_like_others(tmp_path: Path) -> None:
    edit = read(
        tmp_path,
        """<gap offset="3600s" start="3600s" duration="10s">
             <spine lane="1" offset="3602s"><asset-clip ref="a" offset="0s" duration="2s"/>
               <asset-clip ref="b" offset="2s" duration="2s"/></spine>
           </gap>
           <audition offset="3610s"><asset-clip ref="a" duration="4s"/><asset-clip ref="b" duration="4s"/></audition>
           <sync-clip offset="3614s" duration="4s"><asset-clip ref="c" offset="0s" duration="4s"/>
             <asset-clip ref="s" lane="-1" offset="0s" duration="4s"/></sync-clip>
           <clip offset="3618s" start="5s" duration="2s"><video ref="c" offset="0s" duration="100s"/></clip>""",
    )
    assert times(edit) == [2.0, 4.0, 6.0, 10.0, 14.0, 18.0]


def test_fades_and_dips_are_fades_and_dissolves_are_dissolves(tmp_path: Path) -> None:
    edit = read(
        tmp_path,
        """<transition name="Cross Dissolve" offset="3600s" duration="1s"/>
           <asset-clip ref="a" offset="3600s" duration="5s"/>
           <transition name="Cross Dissolve" offset="3604.5s" duration="1s"/>
           <asset-clip ref="b" offset="3605s" duration="5s"/>
           <transition name="Fade to Color" offset="3609s" duration="2s"/>
           <asset-clip ref="c" offset="3610s" duration="5s"/>
           <transition name="Cross Dissolve" offset="3614s" duration="1s"/>""",
    )
    assert [(cut.kind, cut.start_s, cut.time_s, cut.end_s) for cut in edit.cuts or ()] == [
        ("fade", 0.0, 1.0, 1.0),
        ("dissolve", 4.5, 5.0, 5.5),
        ("fade", 9.0, 10.0, 11.0),
    ]


def test_markers_have_the_colours_that_final_cut_gives_their_kinds(tmp_path: Path) -> None:
    edit = read(
        tmp_path,
        """<asset-clip ref="a" offset="3600s" start="10s" duration="5s">
             <marker start="11s" value="plain" note="of it"/><marker start="12s" value="to do" completed="0"/>
             <marker start="13s" value="done" completed="1"/><chapter-marker start="14s" value="chapter"/>
             <marker start="9s" value="cut away"/><marker start="15s" value="cut away too"/>
             <marker start="12.5s" value="ours" note="Hit [cuesmith:v1:hit:1m1:0]"/>
           </asset-clip>""",
        as_folder=True,
    )
    assert edit.marks == (
        Mark(1.0, "plain", "Blue", "of it"),
        Mark(2.0, "to do", "Red"),
        Mark(3.0, "done", "Green"),
        Mark(4.0, "chapter", "Orange"),
    )
    assert edit.cuts == ()


@pytest.mark.parametrize(
    ("spine", "named"),
    [
        ('<asset-clip ref="a" offset="3600s" duration="ages"/>', "cannot be read"),
        ('<asset-clip ref="a" duration="1/0s"/>', "cannot be read"),
        ('<asset-clip ref="a" duration="1e999999999s"/>', "is no time"),
        ('<asset-clip ref="s" duration="5s"/>', "no picture and no marker"),
        ("", "no picture and no marker"),
    ],
)
def test_times_that_are_none_and_timelines_without_a_picture_are_refused(
    tmp_path: Path, spine: str, named: str
) -> None:
    with pytest.raises(TimelineError, match=named):
        read(tmp_path, spine)


def test_a_compound_clip_within_itself_is_refused(tmp_path: Path) -> None:
    spine = '<spine><ref-clip ref="m" duration="9s"/></spine>'
    loop = f'<media id="m"><sequence format="r0" duration="9s">{spine}</sequence></media>'
    with pytest.raises(TimelineError, match="timelines within timelines"):
        read(tmp_path, '<ref-clip ref="m" duration="9s"/>', f'<format id="r0" frameDuration="1/24s"/>{loop}')


def test_compound_clips_that_unfold_without_end_are_refused_soon(tmp_path: Path) -> None:
    whole = '<timeMap><timept time="0s" value="0s"/><timept time="1s" value="8s"/></timeMap>'

    def level(n: int) -> str:
        within = f'<ref-clip ref="m{n + 1}" duration="1s">{whole}</ref-clip>' * 8
        return f'<media id="m{n}"><sequence format="r0" duration="8s"><spine>{within}</spine></sequence></media>'

    last = '<media id="m9"><sequence format="r0"><spine>' + '<asset-clip ref="a" duration="1s"/>' * 8
    resources = RESOURCES + "".join(level(n) for n in range(9)) + last + "</spine></sequence></media>"
    with pytest.raises(TimelineError, match="more than 100000 shots"):
        read(tmp_path, '<ref-clip ref="m0" duration="8s"/>', resources)


def test_two_projects_are_named_and_refused(tmp_path: Path) -> None:
    path = tmp_path / "two.fcpxml"
    path.write_text("<fcpxml><event><project name='one'/><project name='two'/></event></fcpxml>")
    with pytest.raises(TimelineError, match="2 projects: 'one', 'two'"):
        read_timeline(path, frame_rate=RATE)
