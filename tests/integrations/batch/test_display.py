from __future__ import annotations

import io
import re
from pathlib import Path

from rich.console import Console

from integrations.batch.display import Display
from integrations.batch.run import Outcome

_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def drawn(*, is_terminal: bool) -> str:
    """Two films, one good and one not, as they are shown."""
    paper = io.StringIO()
    console = Console(file=paper, force_terminal=is_terminal, width=110, highlight=False)
    with Display(2, console) as display:
        display.begun(0, Path("reel/a [bold] name that goes on.mp4"))
        display.begun(1, Path("b.mp4"))
        for number in (0, 1):
            display.stage(number, "analyse")
            display.share(number, 0.42)
            display.note(number, "read by colour-motion")
        display.stage(0, "compose 2/3")
        display.share(0, 0.5)
        display.done(0, Outcome(Path("a [bold] name that goes on.mp4"), 0, {}, 12.3))
        display.done(1, Outcome(Path("b.mp4"), 2, {"error": {"message": "no film"}}, 0.5))
    return _ESCAPES.sub("", paper.getvalue())


def test_on_a_terminal_each_film_has_a_bar_and_all_have_one() -> None:
    shown = drawn(is_terminal=True)
    for words in ("2 films", "a [bold] name that goes…", "Watching and listening", "Composing 2/3", "42 %"):
        assert words in shown
    assert shown.count("read by colour-motion") == 1
    assert "2/2" in shown
    assert "b.mp4" not in shown.rstrip().splitlines()[-1]  # what has ended has no bar


def test_elsewhere_each_film_has_a_line_when_it_has_ended() -> None:
    assert drawn(is_terminal=False).splitlines() == [
        "a [bold] name that goes on.mp4: read by colour-motion",
        "1/2 a [bold] name that goes on.mp4: done, 12 s",
        "2/2 b.mp4: failed, 0 s",
    ]
