"""What a request says in the model's words: lyrics with structure tags; and what of it cannot be said."""

from __future__ import annotations

from music_engine.ace_step.lyrics import INSTRUMENTAL
from scoring.request import CueRequest
from scoring.wishes.reading import read_wishes

# Sections the model has a word of its own for; the rest are called as Cuesmith calls them.
_TAGS = {"breakdown": "break", "drop": "chorus"}
ROUGHLY = "tempo and key are asked for in words: ACE-Step keeps them roughly; its beats are planned, not measured"


def lyrics_of(request: CueRequest) -> str:
    """The lyrics that are sung; for an instrumental cue `[inst]`, under a tag for each section where there are any.

    An empty lyric makes the model sing words of its own (ACE-Step v1 reference).
    """
    if request.lyrics is not None and request.lyrics.strip():
        return request.lyrics
    lines = [f"[{_TAGS.get(name, name)}]\n{INSTRUMENTAL}" for name in request.structure]
    return "\n".join(lines or [INSTRUMENTAL])


def unheeded(request: CueRequest) -> tuple[str, ...]:
    """The wishes of a request that reach the model in no form, in the words of pipeline.heeding.

    An instrument, a genre or an effect is heeded when the prompt, which is all the text encoder reads, names it in
    English or Chinese. There is no prompt for what is not wanted: ACE-Step v1 takes "no drums" for drums.
    """
    told, wishes = read_wishes(request.prompt), request.wishes
    return (
        *(f"no {name}" for name in wishes.avoid),
        *(name for name in wishes.instruments if name not in told.instruments),
        *(f"genre: {name}" for name in wishes.genres if name not in told.genres),
        *(f"effect: {name}" for name in wishes.effects if name not in told.effects),
    )
