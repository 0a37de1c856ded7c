"""What a request says in the model's words: lyrics with structure tags; and what of it cannot be said."""

from __future__ import annotations

import re

from music_engine.ace_step.lyrics import INSTRUMENTAL
from music_engine.ace_step.lyrics.tables import vocabulary_facts
from scoring.request import CueRequest
from scoring.wishes.reading import HEAD, read_head, read_wishes

# Sections the model has a word of its own for; the rest are called as Cuesmith calls them.
_TAGS = {"breakdown": "break", "drop": "chorus"}
ROUGHLY = "tempo and key are asked for in words: ACE-Step keeps them roughly; its beats are planned, not measured"


def lyrics_of(request: CueRequest) -> str:
    """The lyrics that are sung; for an instrumental cue `[inst]`, under a tag for each section where there are any.

    Tags that only Cuesmith understands, "[副歌]" and "[intro - piano]", become the model's own; what they say of
    instruments stands in the prompt. An empty lyric makes the model sing words of its own (ACE-Step v1 reference).
    """
    if request.lyrics is not None and request.lyrics.strip():
        return HEAD.sub(_own_tag, request.lyrics)
    lines = [f"[{_TAGS.get(name, name)}]\n{INSTRUMENTAL}" for name in request.structure]
    return "\n".join(lines or [INSTRUMENTAL])


def _own_tag(match: re.Match[str]) -> str:
    if match[1].strip().lower() in vocabulary_facts().structure:
        return match[0]
    head = read_head(match[1])
    return match[0] if head is None else f"[{_TAGS.get(head[0].name, head[0].name)}]"


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
