from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from films import ffmpeg, picture, plain_film, tone

from pipeline.media.probe import MediaProbe, Stream, probe
from pipeline.media.subtitles import choose_subtitles
from pipeline.settings import Settings
from pipeline.text.read import read_words
from scoring.errors import TextError

SETTINGS = Settings()
ENGLISH = (
    "1\n00:00:01,000 --> 00:00:02,500\n<i>I love you</i>, my darling.\n\n"
    "2\n00:00:04,000 --> 00:00:05,000\nHe is dead.\n"
)
CHINESE = "1\n00:00:01,000 --> 00:00:02,500\n我恨你！\n\n2\n00:00:04,000 --> 00:00:05,000\n快跑！\n"
GERMAN = "1\n00:00:01,000 --> 00:00:02,500\nIch liebe dich sehr.\n"


@pytest.fixture(scope="module")
def silent(tmp_path_factory: pytest.TempPathFactory) -> MediaProbe:
    """A film of 6 s without subtitles."""
    return probe(plain_film(tmp_path_factory.mktemp("film") / "plain.mp4", 6.0), SETTINGS)


def film_with(folder: Path, *streams: tuple[str, str], name: str = "film.mkv", codec: str = "srt") -> MediaProbe:
    """A film of 6 s with subtitle streams: (language, SubRip text)."""
    inputs: list[str | Path] = []
    maps: list[str] = ["-map", "0:v", "-map", "1:a"]
    for number, (language, text) in enumerate(streams):
        path = folder / f"{number}.srt"
        path.write_text(text, encoding="utf-8")
        inputs += ["-i", path]
        maps += ["-map", f"{number + 2}", f"-metadata:s:s:{number}", f"language={language}"]
    ffmpeg(
        *picture(6.0), *tone(6.0), *inputs, *maps, "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt",
        "yuv420p", "-c:a", "aac", "-c:s", codec, folder / name,
    )  # fmt: skip
    return probe(folder / name, SETTINGS)


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("film.mp4", "mov_text"),
        ("film.mov", "mov_text"),
        ("film.mkv", "srt"),
        ("film.mkv", "ass"),
        ("film.mkv", "webvtt"),
    ],
)
def test_subtitles_inside_a_film_are_read_with_their_times(tmp_path: Path, name: str, codec: str) -> None:
    film = film_with(tmp_path, ("eng", ENGLISH), name=name, codec=codec)
    words = read_words(film, SETTINGS)
    assert words is not None
    (said,) = words.said
    assert said.label == "subtitles (en)"
    assert [(round(line.start_s, 2), round(line.end_s, 2)) for line in said.lines] == [(1.0, 2.5), (4.0, 5.0)]
    assert [line.feeling.sign for line in said.lines] == ["positive", "negative"]
    assert "i>" not in said.lines[0].feeling.evidence[0][0]
    assert words.where == ("subtitle stream 2 of the film",)


def test_the_first_stream_in_english_or_chinese_is_chosen(tmp_path: Path) -> None:
    film = film_with(tmp_path, ("ger", GERMAN), ("chi", CHINESE), ("eng", ENGLISH))
    words = read_words(film, SETTINGS)
    assert words is not None
    assert words.said[0].label == "subtitles (zh)"


def test_without_such_a_stream_the_first_is_read_and_its_words_decide(tmp_path: Path) -> None:
    film = film_with(tmp_path, ("und", ENGLISH))
    assert choose_subtitles(film).stream is not None
    words = read_words(film, SETTINGS)
    assert words is not None
    assert words.said[0].language == "en"


def test_times_count_from_the_first_picture(tmp_path: Path) -> None:
    film_with(tmp_path, ("eng", ENGLISH), name="whole.mkv")
    whole = tmp_path / "whole.mkv"
    streams = ("-map", "0:v", "-map", "1:a", "-map", "1:s", "-c", "copy")
    ffmpeg("-itsoffset", "1.5", "-i", whole, "-i", whole, *streams, tmp_path / "late.mkv")
    words = read_words(probe(tmp_path / "late.mkv", SETTINGS), SETTINGS)
    assert words is not None
    assert [round(line.start_s, 1) for line in words.said[0].lines] == [0.0, 2.5]


def test_subtitles_made_of_pictures_are_skipped_with_a_note(silent: MediaProbe) -> None:
    # The bundled ffmpeg makes no picture subtitles out of text, so what a probe says of such a stream stands in.
    pictures = Stream(2, "subtitle", "hdmv_pgs_subtitle", "eng", 0.0, False)
    words = read_words(replace(silent, streams=(*silent.streams, pictures)), SETTINGS)
    assert words is not None
    assert words.said == ()
    assert "made of pictures" in words.notes[0]


def test_subtitles_inside_are_left_alone_when_asked_or_when_a_file_stands_for_them(tmp_path: Path) -> None:
    film = film_with(tmp_path, ("eng", ENGLISH))
    assert read_words(film, SETTINGS, embedded=False) is None
    file = tmp_path / "own.srt"
    file.write_text(CHINESE, encoding="utf-8")
    words = read_words(film, SETTINGS, file=file)
    assert words is not None
    assert [said.label for said in words.said] == ["subtitles (zh)"]


def test_a_damaged_stream_is_left_out_with_a_note_and_the_film_goes_on(tmp_path: Path) -> None:
    film = film_with(tmp_path, ("eng", ENGLISH))
    path = tmp_path / "film.mkv"
    path.write_bytes(path.read_bytes()[:200])
    words = read_words(film, SETTINGS)
    assert words is not None
    assert words.said == ()
    assert "was left out" in words.notes[0]


def test_too_much_text_inside_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    film = film_with(tmp_path, ("eng", ENGLISH))
    monkeypatch.setattr("pipeline.media.subtitles.MOST_BYTES", 10)
    words = read_words(film, SETTINGS)
    assert words is not None
    assert words.said == ()
    assert "was left out" in words.notes[0]


def test_a_film_in_another_language_is_named_as_such(tmp_path: Path) -> None:
    french = "1\n00:00:01,000 --> 00:00:02,500\n" + "Je ne sais pas pourquoi elle est partie hier soir. " * 5
    words = read_words(film_with(tmp_path, ("fre", french)), SETTINGS)
    assert words is not None
    assert words.said == ()
    assert "language that is not read" in words.notes[0]


def test_a_text_file_without_times_is_a_transcript_and_a_description_is_one(silent: MediaProbe, tmp_path: Path) -> None:
    file = tmp_path / "talk.txt"
    file.write_text("We laughed all day. It was wonderful.", encoding="utf-8")
    words = read_words(silent, SETTINGS, file=file, description="一部温暖的电影")
    assert words is not None
    assert [said.label for said in words.said] == ["transcript (en)", "description (zh)"]
    assert words.where == ("talk.txt (utf-8)", "the description")
    assert all(not said.lines for said in words.said)


def test_lines_outside_the_film_are_cut_or_left_out_and_counted(silent: MediaProbe, tmp_path: Path) -> None:
    file = tmp_path / "long.srt"
    file.write_text(
        ENGLISH + "\n3\n00:00:05,500 --> 00:00:09,000\nI am afraid.\n\n4\n01:00:00,000 --> 01:00:02,000\nLate love.\n",
        encoding="utf-8",
    )
    words = read_words(silent, SETTINGS, file=file)
    assert words is not None
    assert words.said[0].lines[-1].end_s == pytest.approx(silent.longest_s)
    assert words.notes == ("1 of 4 lines of long.srt lie outside the film",)


def test_the_digest_changes_with_the_words_and_with_their_times(silent: MediaProbe, tmp_path: Path) -> None:
    digests = []
    for text in (ENGLISH, ENGLISH.replace("00:00:01", "00:00:02"), ENGLISH.replace("dead", "alive"), ENGLISH):
        file = tmp_path / "a.srt"
        file.write_text(text, encoding="utf-8")
        words = read_words(silent, SETTINGS, file=file)
        assert words is not None
        digests.append(words.digest)
    assert len(set(digests)) == 3
    assert digests[0] == digests[3]


def test_no_words_at_all_are_none(silent: MediaProbe) -> None:
    assert read_words(silent, SETTINGS) is None
    assert read_words(silent, SETTINGS, description="  ") is None


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("gone.srt", None, "there is no file"),
        ("empty.srt", b"", "is empty"),
        ("blank.txt", b" \n\n", "is empty"),
        ("picture.srt", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)) * 20, "is not text"),
        ("nul.txt", b"hello\0world", "is not text"),
        ("huge.srt", b"1\n00:00:01,000 --> 00:00:02,000\nhi\n\n" * 200_000, "has more than 4 MiB"),
        ("lines.srt", b"1\n00:00:01,000 --> 00:00:02,000\n" + b"a\n" * 1_000_000, "has 1000002 lines"),
        ("cues.srt", b"0:00:01,000 --> 0:00:02,000\na\n\n" * 30_001, "has 30001 cues"),
        ("plain.srt", b"I love you.", "has no times of subtitles"),
        ("wordless.srt", b"1\n00:00:01,000 --> 00:00:02,000\n<i></i>\n", "no line with words"),
        ("long.txt", b"happy " * 100_000, "has 600000 characters"),
        ("utf16.srt", b"\xff\xfe\x31", "says it is utf-16, but is not"),
    ],
)
def test_a_file_that_cannot_be_read_says_what_is_wrong_and_what_to_do(
    silent: MediaProbe, tmp_path: Path, name: str, data: bytes | None, said: str
) -> None:
    file = tmp_path / name
    if data is not None:
        file.write_bytes(data)
    with pytest.raises(TextError) as caught:
        read_words(silent, SETTINGS, file=file)
    assert said in caught.value.what
    assert caught.value.advice


def test_a_description_has_a_limit(silent: MediaProbe) -> None:
    with pytest.raises(TextError, match="the description has 25000 characters"):
        read_words(silent, SETTINGS, description="hello" * 5000)


def test_the_subtitles_of_a_real_film_are_read(shared_media: Path) -> None:
    film = probe(shared_media / "tc_nasa_13013.mp4", SETTINGS)
    assert [stream.codec for stream in film.of_kind("subtitle")] == ["mov_text", "mov_text"]
    words = read_words(film, SETTINGS)
    assert words is not None
    (said,) = words.said
    assert said.label == "subtitles (en)"
    assert len(said.lines) == 3
    assert said.lines[-1].feeling.evidence == (("successfully", 0.75),)
