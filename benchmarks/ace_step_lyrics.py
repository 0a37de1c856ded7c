"""How fast lyrics become token ids.

    python benchmarks/ace_step_lyrics.py VOCAB [--repeats 5]

A song of 60 lines in eight languages, structure and numbers included. The first pass also loads the libraries and
their models. Run it on an idle machine; it judges nothing.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from music_engine.ace_step.lyrics import LyricTokenizer, instrumental_tokens
from music_engine.ace_step.lyrics.language_model import guess

VERSES = (
    ("[verse]", "Streetlights hum a quiet song at half past 9", "I count 24 windows and not one of them is mine"),
    ("[chorus]", "Über den Dächern fliegt die Nacht davon", "Wir tanzen bis um 3 und keiner sagt pardon"),
    ("[verse]", "夜晚的风吹过2条街", "我在第1000个路口等你"),
    ("[bridge]", "夜空に星が流れて", "君の声が聞こえる"),
    ("[chorus]", "오늘 밤 너를 기다려", "별이 3번 지나가면"),
    ("[verse]", "Я вижу свет далёкий в окне", "Осталось 15 минут до рассвета"),
    ("[bridge]", "La luna se esconde detrás del mar", "y yo te espero, 7 noches más"),
    ("[outro]", "Sous la pluie on danse encore", "jusqu'à la 2e aurore"),
)
LINES = 60


def song() -> str:
    """The verses over again until there are 60 lines."""
    lines = [line for verse in VERSES for line in verse]
    return "\n".join((lines * (LINES // len(lines) + 1))[:LINES])


def seconds(work: Callable[[], object]) -> float:
    began_s = time.perf_counter()
    work()
    return time.perf_counter() - began_s


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("vocabulary", type=Path, help="vocab.json")
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    lyrics = song()
    tokenizer = LyricTokenizer(options.vocabulary)
    first_s = seconds(lambda: tokenizer.encode(lyrics))
    later_s = []
    for _ in range(options.repeats):
        guess.cache_clear()  # or a second pass would remember the languages
        later_s.append(seconds(lambda: tokenizer.encode(lyrics)))
    print(f"{LINES} lines, {len(tokenizer.encode(lyrics).ids)} tokens")
    print(f"opening the vocabulary     {1000 * seconds(lambda: LyricTokenizer(options.vocabulary)):8.1f} ms")
    print(f"first pass, models loaded  {1000 * first_s:8.1f} ms")
    print(f"later passes, median       {1000 * statistics.median(later_s):8.1f} ms")
    print(f"instrumental               {1000 * seconds(instrumental_tokens):8.3f} ms")


if __name__ == "__main__":
    main()
