"""Music from words, without a film."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from integrations.jobs.orders import Order
from integrations.service.faults import checkpoint
from integrations.work.desk import Desk, plain
from integrations.work.task import Outcome
from music_engine.sdk.generator import MusicGenerator
from pipeline.music.ask import MusicAsk, check_ask
from pipeline.music.generation import generate_music, make_generator
from pipeline.settings import Settings
from pipeline.workspace import digest
from scoring.wishes.lyrics import read_lyrics

_MEDIA = {"wav": "audio/wav", "flac": "audio/flac", "mp3": "audio/mpeg", "ogg": "audio/ogg"}
_USUAL_FORMAT = "mp3"
_FROM_WISH = ("engine", "seed", "style", "bpm", "key")


class _Warm:
    """The engine of the last piece: loading a model's weights takes longer than most pieces."""

    def __init__(self) -> None:
        self._key = ""
        self._found: tuple[MusicGenerator, str] | None = None

    def generator(self, ask: MusicAsk, settings: Settings) -> tuple[MusicGenerator, str]:
        """As make_generator; only engine and lyrics decide, so only they let go of the one before."""
        key = digest([ask.engine, read_lyrics(ask.lyrics).has_words, settings.engines.said()])
        if self._found is None or key != self._key:
            self._found = None
            self._found = make_generator(ask, settings)
            self._key = key
        return self._found


_WARM = _Warm()


def music(desk: Desk) -> Outcome:
    """One file of music. Raises as generate_music does."""
    watched = desk.watched()
    advance = watched.stage("compose")
    ask = ask_of(desk.order)
    check_ask(ask)
    generator, reason = _WARM.generator(ask, desk.settings)
    output = desk.bench.out / f"music.{ask.output_format}"
    made = generate_music(
        ask, output, settings=desk.settings, generator=generator, progress=advance, cancelled=desk.cancelled
    )
    for note in made.notes:
        watched.note(note)
    checkpoint("music.done")
    file = desk.bench.put(made.path, output.name, _MEDIA[ask.output_format], shown=True)
    checkpoint("music.stored")
    facts = {name: value for name, value in asdict(made).items() if name not in ("path", "sha256")}
    facts["notes"] = [f"engine: {made.engine}, {reason}", *made.notes]
    return Outcome((file,), plain(facts))


def ask_of(order: Order) -> MusicAsk:
    """What an order asks of the music. Its seed, where none is said, follows from all the rest."""
    fields: dict[str, Any] = {name: order.wish[name] for name in _FROM_WISH if name in order.wish}
    fields |= {name: value for name, value in order.music.items() if name in ("prompt", "lyrics", "duration_s")}
    fields.setdefault("prompt", order.wish.get("prompt", ""))
    return MusicAsk(**fields, output_format=order.music.get("output_format", _USUAL_FORMAT))
