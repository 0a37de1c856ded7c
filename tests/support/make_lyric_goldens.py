"""Writes the lyric case that ships with the tests: lyrics of our own, read by this project's code.

    PYTHONPATH=.:tests/support python tests/support/make_lyric_goldens.py

It has the public cases' form, over the invented vocabulary. It holds today's behaviour fast where the reference's cases
are not at hand; run it again only for a change that those have judged.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from lyric_vocabulary import write_vocabulary

from music_engine.ace_step.lyrics import LyricLine, LyricTokenizer, detect
from music_engine.ace_step.lyrics.cleaning import clean
from music_engine.ace_step.lyrics.tables import vocabulary_facts

FOLDER = Path(__file__).parents[1] / "music_engine/ace_step/goldens/lyric_tokenizer_own"

LYRICS = (
    "[intro]\n[inst]\n\n[verse]\nLanterns over Harbour Street, number 47",
    "[Chorus 2]\nDr. Moon & Mrs. Sun owe me $12.50\nDon't wake me before the 3rd of June",
    "[bridge]\n雨落在第3条街，我等你100天\n2025年7月8日，只剩5%的光",
    "夜の海に 2人だけ\n約束、忘れない",
    "[hook]\n달빛 아래 2번째 춤을\n내일은 올 거야",
    "Белый снег и 24 свечи\nГ-н Ветер, где ты был",
    "Der 1. Tag war kalt, 3,5 Grad\nFrau Holle schüttelt 20€ aus",
    "La 2e étoile coûte 15€\nÀ demain, mon cœur",
    "Mil noches y 1 canción\nLa Sra. Luna no duerme",
    "Duas ondas, 1000 barcos\nA maré não volta",
    "Trzy róże i 14 dni\nGdzie jesteś, miła?",
    "Tři stíny a 5 hvězd\nKde jsi, lásko?",
    "Twee schepen, 40 golven\nMevr. Maan slaapt niet",
    "Tre stelle, 36° all'ombra\nDomani torno da te",
    "Iki yıldız, 12 gece\nGel güzelim İstanbul'a",
    "Három csillag és 7 folyó\nHol vagy, kedvesem?",
    "قمران و 3 نجوم\nأين أنت يا ليل",
    "चाँद के 2 टुकड़े\nतुम कहाँ हो",
    '"quoted" (echo) — 1/2 of a dream… <fr>la mer</fr>\n12:30 and 99 more!!!\n🎵 na na na 🎵',
    "mon amour 我的爱 내 사랑 my love\n愛\n「ただいま」と言った",
)
TEXTS = ("sent 3 of 21 letters, $5 & 7.25 @ 40%", "dr. no, jr. & co.", "the 1st, 2. and 3º", "１２ £9 30° 1,250")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        tokenizer = LyricTokenizer(write_vocabulary(Path(folder)), compat="reference")
    content = {
        "note": "made by tests/support/make_lyric_goldens.py",
        "vocabulary": "invented",
        "rows": [_row(tokenizer, lyrics) for lyrics in LYRICS],
        "forced_language": [
            _forced(tokenizer, language, text) for language in vocabulary_facts().languages for text in TEXTS
        ],
    }
    FOLDER.mkdir(parents=True, exist_ok=True)
    text = json.dumps(content, ensure_ascii=False, indent=0).replace(",\n", ",").replace("[\n", "[").replace("\n]", "]")
    (FOLDER / "golden.json").write_text(text.replace('{\n"', '\n{"') + "\n", encoding="utf-8")


def _row(tokenizer: LyricTokenizer, lyrics: str) -> dict[str, Any]:
    tokens = tokenizer.encode(lyrics)
    return {"text": lyrics, "ids": list(tokens.ids), "lines": [_line(line) for line in tokens.lines]}


def _line(line: LyricLine) -> dict[str, Any]:
    if not line.text:
        return {"line": "", "ids": list(line.ids)}
    detection = detect(line.text)
    return {
        "line": line.text,
        "detected": detection.language,
        "counts": [list(count) for count in detection.counts],
        "structure": line.is_structure,
        "lang_used": line.language,
        "normalized": line.normalised,
        "ids": list(line.ids),
    }


def _forced(tokenizer: LyricTokenizer, language: str, text: str) -> dict[str, Any]:
    normalised = clean(text, language, "reference").text
    ids = list(tokenizer.encode_text(normalised, language))
    return {"lang": language, "text": text, "normalized": normalised, "ids": ids}


if __name__ == "__main__":
    main()
