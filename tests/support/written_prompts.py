"""Forty prompts as people write them, half of them Chinese, each with what it must lead to.

The truth is a reader's, not the vocabulary's: the General MIDI programs that are the instruments (level 1 sound set;
DRUMS for the percussion channel or a drum program), the tempi that the word can mean, and whether the mood is bright
(a major third over the tonic) or dark (a minor one).
"""

from __future__ import annotations

from dataclasses import dataclass

DRUMS = frozenset({-1, 47, 113, 114, 115, 116, 117, 118, 119})  # −1: anything on the percussion channel
PIANO, E_PIANO, GUITAR = frozenset(range(4)), frozenset({4, 5}), frozenset(range(24, 32))
ACOUSTIC, NYLON, ELECTRIC = frozenset({24, 25}), frozenset({24}), frozenset(range(26, 32))
UPRIGHT, BASS = frozenset({32, 43}), frozenset({*range(32, 40), 43})
VIOLIN, CELLO, STRINGS, HARP = frozenset({40, 110}), frozenset({42}), frozenset(range(48, 52)), frozenset({46})
PIZZICATO, BRASS, TRUMPET, HORN = frozenset({45}), frozenset(range(56, 64)), frozenset({56, 59}), frozenset({60})
SAX, OBOE, CLARINET, FLUTE = frozenset(range(64, 68)), frozenset({68}), frozenset({71}), frozenset({72, 73})
CHOIR, ORGAN, SYNTH, PAD = (
    frozenset(range(52, 55)),
    frozenset(range(16, 21)),
    frozenset(range(80, 104)),
    frozenset(range(88, 96)),
)
KOTO, PIPA, FIDDLE = frozenset({107}), frozenset({105, 106, 107}), frozenset({110, 40})
BAMBOO, MUSIC_BOX, VIBES, GLOCK = frozenset({72, 73, 75, 77}), frozenset({10}), frozenset({11}), frozenset({9})
MARIMBA, ACCORDION, HARMONICA, SYNTH_BASS = frozenset({12}), frozenset({21, 23}), frozenset({22}), frozenset({38, 39})
TAIKO = frozenset({116})

SLOW, WALK, MIDDLE, LIVELY, FAST = (40, 85), (70, 110), (85, 125), (104, 145), (116, 200)


@dataclass(frozen=True, slots=True)
class Written:
    """A prompt, the programs of its two instruments, the tempi it may mean, and its side: bright, dark or either."""

    text: str
    first: frozenset[int]
    second: frozenset[int]
    band_bpm: tuple[int, int]
    side: str


PROMPTS = [
    Written("A slow, sad piece for piano and cello", PIANO, CELLO, SLOW, "dark"),
    Written("Fast and happy: ukulele-like acoustic guitar with flute on top", ACOUSTIC, FLUTE, FAST, "bright"),
    Written("Upright bass and tenor saxophone, laid back tempo, nostalgic", UPRIGHT, SAX, WALK, "either"),
    Written("tense strings, taiko hits, quick tempo", STRINGS, TAIKO, LIVELY, "dark"),
    Written("Something hopeful, moderate tempo, french horns and harp, no drums", HORN, HARP, MIDDLE, "bright"),
    Written("dark synth bass + electric guitar, fast-paced chase", SYNTH_BASS, ELECTRIC, FAST, "dark"),
    Written("Gentle music box and strings, adagio, tender", MUSIC_BOX, STRINGS, SLOW, "bright"),
    Written("mysterious oboe over vibraphone; slow", OBOE, VIBES, SLOW, "either"),
    Written("Playful pizzicato and clarinet, allegro", PIZZICATO, CLARINET, FAST, "bright"),
    Written("Melancholic accordion with double bass, andante", ACCORDION, UPRIGHT, WALK, "dark"),
    Written("Triumphant brass and timpani, lively", BRASS, DRUMS, LIVELY, "bright"),
    Written("Calm ambient: warm pad, felt piano, very slow", PAD, PIANO, SLOW, "bright"),
    Written("horror score, choir and organ, largo, no melody please", CHOIR, ORGAN, SLOW, "dark"),
    Written("uplifting corporate pop, electric piano and drums, mid-tempo", E_PIANO, DRUMS, MIDDLE, "bright"),
    Written("solemn trumpet, church organ, slow", TRUMPET, ORGAN, SLOW, "dark"),
    Written("funny xylophone-style marimba and bass guitar, brisk", MARIMBA, BASS, LIVELY, "bright"),
    Written("wistful harmonica and nylon guitar at a walking pace", HARMONICA, NYLON, WALK, "dark"),
    Written("aggressive distorted guitars and drums, presto", ELECTRIC, DRUMS, FAST, "dark"),
    Written("cheerful glockenspiel, acoustic guitar, up-tempo", GLOCK, ACOUSTIC, FAST, "bright"),
    Written("romantic violin & piano, slowly unfolding", VIOLIN, PIANO, SLOW, "bright"),
    Written("慢节奏，悲伤的钢琴和大提琴", PIANO, CELLO, SLOW, "dark"),
    Written("轻快的吉他加长笛，心情愉快", GUITAR, FLUTE, LIVELY, "bright"),
    Written("古筝与二胡，缓慢，忧伤", KOTO, FIDDLE, SLOW, "dark"),
    Written("快节奏的鼓点和电吉他，紧张刺激的追逐", DRUMS, ELECTRIC, FAST, "dark"),
    Written("充满希望，中速，弦乐和圆号", STRINGS, HORN, MIDDLE, "bright"),
    Written("温馨的八音盒，配上弦乐，舒缓", MUSIC_BOX, STRINGS, SLOW, "bright"),
    Written("神秘的竖琴与长笛，慢板", HARP, FLUTE, SLOW, "either"),
    Written("史诗感，铜管与定音鼓，节奏轻快", BRASS, DRUMS, LIVELY, "bright"),
    Written("宁静的竹笛和古琴，很慢", BAMBOO, KOTO, SLOW, "bright"),
    Written("俏皮的单簧管、拨弦，快板", CLARINET, PIZZICATO, FAST, "bright"),
    Written("恐怖氛围：合唱与管风琴，极慢", CHOIR, ORGAN, SLOW, "dark"),
    Written("怀旧的手风琴和吉他，行板，不要鼓", ACCORDION, GUITAR, WALK, "either"),
    Written("励志，钢琴和鼓，明快", PIANO, DRUMS, LIVELY, "bright"),
    Written("孤独的萨克斯，低音提琴，慢速，深夜街头", SAX, UPRIGHT, SLOW, "dark"),
    Written("欢快的尤克里里和口哨，快速", NYLON, frozenset({78, 79}), FAST, "bright"),
    Written("琵琶急促，配太鼓，激烈的战斗", PIPA, TAIKO, FAST, "dark"),
    Written("浪漫的小提琴，钢琴伴奏，柔板", VIOLIN, PIANO, SLOW, "bright"),
    Written("阴暗的合成器和合成贝斯，中板", SYNTH | SYNTH_BASS, SYNTH_BASS, MIDDLE, "dark"),
    Written("庄严的小号与弦乐，缓慢行进", TRUMPET, STRINGS, SLOW, "dark"),
    Written("活泼的木琴和贝斯，快一点", frozenset({13, 12}), BASS, FAST, "bright"),
]  # fmt: skip
