"""Fetching a model, against a real server on this machine."""

from __future__ import annotations

import errno
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from published import CONFIG, REPOSITORY, WEIGHTS, model_of, pinned, safetensors_bytes, settings_for, tiny_model
from range_server import COMMIT, RangeServer, Served, black_hole, closed_port, range_server

from pipeline.models.catalogue import Model
from pipeline.models.download import fetch, fetch_model
from pipeline.models.hub import Patience
from pipeline.models.lock import NAME, read_lock
from pipeline.settings import Settings
from scoring.errors import CheckpointRefused, CuesmithError, DiskFull, FetchFailed, OutputRefused, UnknownChoice

WEIGHTS_PATH = f"/{REPOSITORY}/resolve/main/model.safetensors"
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


@pytest.fixture
def hub() -> Iterator[RangeServer]:
    with range_server() as server:
        yield server


class Fetching:
    """A fetch that writes down what it says."""

    def __init__(self, said: Settings) -> None:
        self.settings = said
        self.shares: list[float] = []
        self.notes: list[str] = []
        self.slept_s: list[float] = []

    def __call__(self, model: Model, *, force: bool = False, patience: Patience = Patience(tries=3)) -> Path:  # noqa: B008
        return fetch_model(
            model,
            self.settings,
            advance=self.shares.append,
            note=self.notes.append,
            force=force,
            patience=patience,
            now=lambda: NOON,
            sleep=self.slept_s.append,
        )


@pytest.fixture
def fetching(hub: RangeServer, tmp_path: Path) -> Fetching:
    return Fetching(settings_for(hub, tmp_path))


def left(fetching: Fetching) -> list[str]:
    """Names of all that lies in the models folder, the model's own folder aside."""
    return sorted(path.name for path in fetching.settings.models.rglob("*") if path.is_file() or path.name != "tiny")


def served_weights(hub: RangeServer, **more: object) -> tuple[Model, Served]:
    """A model of weights alone."""
    served = hub.serve(REPOSITORY, "model.safetensors", WEIGHTS, **more)
    return model_of(pinned("model.safetensors", WEIGHTS)), served


def test_every_file_lies_in_its_place_and_the_lock_says_what_was_seen(hub: RangeServer, fetching: Fetching) -> None:
    folder = fetching(tiny_model(hub))
    assert folder == fetching.settings.models / "tiny"
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS
    assert (folder / "config.json").read_bytes() == CONFIG
    assert left(fetching) == ["config.json", "cuesmith-lock.json", "model.safetensors"]
    lock = read_lock(folder)
    assert lock is not None
    assert (lock.model, lock.repository, lock.revision) == ("tiny", REPOSITORY, COMMIT)
    assert lock.files["config.json"].size_bytes == len(CONFIG)
    assert lock.files["config.json"].fetched == "2026-01-02T12:00:00+00:00"
    assert [lock.files[path].in_table for path in ("model.safetensors", "config.json")] == [True, False]


def test_a_hash_that_nobody_published_is_recorded_and_that_is_said(hub: RangeServer, fetching: Fetching) -> None:
    fetching(tiny_model(hub))
    (note,) = fetching.notes
    assert "nobody published a hash of config.json" in note
    assert NAME in note


def test_the_share_done_rises_to_one(hub: RangeServer, fetching: Fetching) -> None:
    fetching(tiny_model(hub))
    assert fetching.shares == sorted(fetching.shares)
    assert fetching.shares[-1] == 1.0
    assert 0.0 <= fetching.shares[0] < 1.0
    assert len(fetching.shares) > 3


def test_files_of_one_model_are_of_one_commit(hub: RangeServer, fetching: Fetching) -> None:
    hub.serve(REPOSITORY, "a.json", b"{}", revision="main")
    hub.serve(REPOSITORY, "b.json", b"[]", revision=COMMIT)
    fetching(model_of(pinned("a.json"), pinned("b.json")))
    assert [path for path, _ in hub.asked] == [
        f"/{REPOSITORY}/resolve/main/a.json",
        f"/{REPOSITORY}/resolve/{COMMIT}/b.json",
    ]


def test_a_connection_that_breaks_is_gone_on_with_and_no_byte_comes_twice(hub: RangeServer, fetching: Fetching) -> None:
    model, _ = served_weights(hub, break_after=100_000, breaks=2)
    folder = fetching(model)
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS
    assert [asked for _, asked in hub.asked] == [None, "bytes=100000-", "bytes=200000-"]
    assert hub.sent[WEIGHTS_PATH] == len(WEIGHTS)
    assert fetching.notes == [
        f"model.safetensors broke off after {bytes_:,} bytes: the other side ended the connection; trying again"
        for bytes_ in (100_000, 200_000)
    ]


@settings(max_examples=25, deadline=None)
@given(break_after=st.integers(1, 3999), breaks=st.integers(0, 6))
def test_wherever_it_breaks_the_file_is_whole_and_no_byte_comes_twice(
    break_after: int, breaks: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    body = safetensors_bytes(4000)
    with range_server() as server:
        server.serve(REPOSITORY, "model.safetensors", body, break_after=break_after, breaks=breaks)
        fetching = Fetching(settings_for(server, tmp_path_factory.mktemp("broken")))
        folder = fetching(model_of(pinned("model.safetensors", body)))
        assert (folder / "model.safetensors").read_bytes() == body
        assert sum(server.sent.values()) == len(body)


def test_what_an_earlier_run_fetched_is_gone_on_with(hub: RangeServer, fetching: Fetching) -> None:
    model, served = served_weights(hub, break_after=120_000, breaks=1)
    with pytest.raises(FetchFailed, match="what was fetched is kept"):
        fetching(model, patience=Patience(tries=1))
    assert left(fetching) == ["model.safetensors.part", "model.safetensors.part.json"]
    fetching(model)
    assert hub.asked[-1] == (WEIGHTS_PATH, "bytes=120000-")
    assert hub.sent[WEIGHTS_PATH] == len(WEIGHTS)
    assert served.breaks == 0
    assert "model.safetensors.part" not in left(fetching)


def test_ctrl_c_leaves_what_the_next_run_goes_on_with(hub: RangeServer, fetching: Fetching) -> None:
    model, _ = served_weights(hub)

    def stop(share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch_model(model, fetching.settings, advance=stop, note=print)
    kept = (fetching.settings.models / "tiny" / "model.safetensors.part").stat().st_size
    assert 0 < kept < len(WEIGHTS)
    fetching(model)
    assert hub.asked[-1] == (WEIGHTS_PATH, f"bytes={kept}-")


def test_a_whole_part_is_not_fetched_again(hub: RangeServer, fetching: Fetching) -> None:
    model, served = served_weights(hub)
    folder = fetching(model)
    (folder / "model.safetensors").rename(folder / "model.safetensors.part")
    (folder / "model.safetensors.part.json").write_text(json.dumps({"etag": served.tag()}))
    fetching(model)
    assert hub.asked[-1][1] == f"bytes={len(WEIGHTS) - 1}-"
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS


@pytest.mark.parametrize("ignores_if_range", [False, True])
def test_a_file_that_changed_meanwhile_is_fetched_from_its_beginning(
    ignores_if_range: bool, hub: RangeServer, fetching: Fetching
) -> None:
    other = safetensors_bytes(250_000)
    hub.serve(REPOSITORY, "model.safetensors", other, break_after=90_000, breaks=1)
    with pytest.raises(FetchFailed):
        fetching(model_of(pinned("model.safetensors", other)), patience=Patience(tries=1))
    model, _ = served_weights(hub, ignores_if_range=ignores_if_range)
    folder = fetching(model)
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS


def test_a_rest_of_another_file_is_not_joined_to_what_is_there_even_without_a_hash(
    hub: RangeServer, fetching: Fetching
) -> None:
    old, new = b"0" * 300_000, b"1" * 300_000
    model = model_of(pinned("vocab.json"))
    hub.serve(REPOSITORY, "vocab.json", old, break_after=90_000, breaks=1)
    with pytest.raises(FetchFailed):
        fetching(model, patience=Patience(tries=1))
    hub.serve(REPOSITORY, "vocab.json", new, ignores_if_range=True)
    assert (fetching(model) / "vocab.json").read_bytes() == new


def test_ranges_that_end_early_are_gone_on_with(hub: RangeServer, fetching: Fetching) -> None:
    model, _ = served_weights(hub, break_after=100_000, breaks=1, range_most=90_000)
    assert (fetching(model) / "model.safetensors").read_bytes() == WEIGHTS
    assert [asked for _, asked in hub.asked] == [None, *(f"bytes={100_000 + 90_000 * n}-" for n in range(3))]
    assert sum(hub.sent.values()) == len(WEIGHTS)


def test_a_part_longer_than_the_file_is_thrown_away(hub: RangeServer, fetching: Fetching) -> None:
    hub.serve(REPOSITORY, "a.json", b"{}")
    folder = fetching.settings.models / "tiny"
    folder.mkdir(parents=True)
    (folder / "a.json.part").write_bytes(b"{} and more")
    tag = hub.files[f"/{REPOSITORY}/resolve/main/a.json"].tag()
    (folder / "a.json.part.json").write_text(json.dumps({"etag": tag}))
    fetching(model_of(pinned("a.json")))
    assert (folder / "a.json").read_bytes() == b"{}"


def test_a_part_that_the_disk_spoilt_is_fetched_from_its_beginning_once(hub: RangeServer, fetching: Fetching) -> None:
    model, served = served_weights(hub)
    folder = fetching.settings.models / "tiny"
    folder.mkdir(parents=True)
    (folder / "model.safetensors.part").write_bytes(bytes(100_000))
    (folder / "model.safetensors.part.json").write_text(json.dumps({"etag": served.tag()}))
    fetching(model)
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS
    assert [asked for _, asked in hub.asked] == ["bytes=100000-", None]


@pytest.mark.parametrize("junk", ["", "{", "[]", '{"etag": 3}'])
def test_a_tag_file_that_says_nothing_is_passed_over(junk: str, hub: RangeServer, fetching: Fetching) -> None:
    model, _ = served_weights(hub)
    folder = fetching.settings.models / "tiny"
    folder.mkdir(parents=True)
    (folder / "model.safetensors.part").write_bytes(WEIGHTS[:1000])
    (folder / "model.safetensors.part.json").write_text(junk)
    fetching(model)
    assert hub.asked == [(WEIGHTS_PATH, None)]


@pytest.mark.parametrize("etag", [None, 'W/"weak"'])
def test_without_a_strong_tag_nothing_is_gone_on_with(etag: str | None, hub: RangeServer, fetching: Fetching) -> None:
    model, _ = served_weights(hub, etag=etag, break_after=100_000, breaks=1)
    fetching(model)
    assert [asked for _, asked in hub.asked] == [None, None]


def test_a_wrong_hash_is_refused_and_nothing_stays(hub: RangeServer, fetching: Fetching) -> None:
    model, served = served_weights(hub)
    served.body = WEIGHTS[:-1] + b"\x7f"
    with pytest.raises(CheckpointRefused, match=r"sha256 is [0-9a-f]{64}, expected [0-9a-f]{64} \(by the table\)"):
        fetching(model)
    assert left(fetching) == []


def test_what_the_hub_announces_itself_must_be_what_comes(hub: RangeServer, fetching: Fetching) -> None:
    hub.serve(REPOSITORY, "a.json", b"{}", headers={"X-Linked-Etag": f'"{"0" * 64}"'})
    with pytest.raises(CheckpointRefused, match="as the hub itself announces"):
        fetching(model_of(pinned("a.json")))
    assert left(fetching) == []


def test_another_file_than_the_first_time_is_refused_until_forced(hub: RangeServer, fetching: Fetching) -> None:
    model = tiny_model(hub)
    folder = fetching(model)
    (folder / "config.json").unlink()
    hub.serve(REPOSITORY, "config.json", b'{"another": 1}')
    with pytest.raises(CheckpointRefused, match="as first fetched; --force forgets that"):
        fetching(model)
    assert not (folder / "config.json").exists()
    fetching(model, force=True)
    assert (folder / "config.json").read_bytes() == b'{"another": 1}'


def test_a_file_of_another_size_than_the_table_says_is_refused_before_it_comes(
    hub: RangeServer, fetching: Fetching
) -> None:
    model, served = served_weights(hub)
    served.body = WEIGHTS + b"more"
    with pytest.raises(CheckpointRefused, match=f"has {len(WEIGHTS) + 4} bytes, expected {len(WEIGHTS)}"):
        fetching(model)
    assert left(fetching) == []


def test_a_body_that_goes_on_for_ever_is_cut_off(hub: RangeServer, fetching: Fetching) -> None:
    model, served = served_weights(hub, chunked=True)
    served.body = WEIGHTS + bytes(20_000_000)
    with pytest.raises(CheckpointRefused, match="goes on after"):
        fetching(model)
    assert left(fetching) == []
    assert len(fetching.shares) < 50, "it was not read to its end"


def test_a_text_of_unknown_size_has_a_limit(hub: RangeServer, fetching: Fetching) -> None:
    hub.serve(REPOSITORY, "a.json", b"{}", announced=10**9)
    with pytest.raises(CheckpointRefused, match="at most 64000000 are taken"):
        fetching(model_of(pinned("a.json")))


def test_too_little_of_a_body_without_a_length_is_refused(hub: RangeServer, fetching: Fetching) -> None:
    model, served = served_weights(hub, chunked=True)
    served.body = WEIGHTS[:-8]
    with pytest.raises(CheckpointRefused, match="sha256"):
        fetching(model)
    assert left(fetching) == []


def test_a_length_that_never_comes_is_tried_a_few_times_and_given_up(hub: RangeServer, fetching: Fetching) -> None:
    hub.serve(REPOSITORY, "a.json", b"{}", announced=5, etag=None)
    with pytest.raises(FetchFailed, match="broke off 3 times in a row"):
        fetching(model_of(pinned("a.json")))
    assert len(hub.asked) == 3
    assert fetching.slept_s == [0.5, 1.0]


def test_a_busy_hub_is_asked_again(hub: RangeServer, fetching: Fetching) -> None:
    model, served = served_weights(hub)
    served.statuses = [503, 429]
    fetching(model)
    assert len(hub.asked) == 3
    assert "the hub answers 503" in fetching.notes[0]


@pytest.mark.parametrize(("status", "words"), [(404, "is not there"), (401, "without a login"), (418, "with 418")])
def test_an_answer_of_no_use_is_not_asked_for_again(
    status: int, words: str, hub: RangeServer, fetching: Fetching
) -> None:
    model, _ = served_weights(hub, status=status)
    with pytest.raises(FetchFailed, match=words):
        fetching(model)
    assert len(hub.asked) == 1
    assert left(fetching) == []


def test_a_redirect_is_followed_and_what_the_first_answer_said_is_kept(hub: RangeServer, fetching: Fetching) -> None:
    model, _ = served_weights(hub, location="/store/1")
    hub.files["/store/1"] = Served(WEIGHTS, headers={"X-Repo-Commit": "not a commit"})
    folder = fetching(model)
    lock = read_lock(folder)
    assert lock is not None
    assert lock.revision == COMMIT


@pytest.mark.parametrize("location", ["http://example.invalid/x", "ftp://127.0.0.1/x", "file:///etc/passwd"])
def test_a_redirect_that_is_not_encrypted_is_refused(location: str, hub: RangeServer, fetching: Fetching) -> None:
    model, _ = served_weights(hub, location=location)
    with pytest.raises(FetchFailed, match="not an encrypted address"):
        fetching(model)
    assert left(fetching) == []


@pytest.mark.parametrize(
    ("location", "words"), [("https://nowhere:port", "Invalid URL"), ("https://127.0.0.1:99999", "broke off")]
)
def test_a_redirect_to_no_address_ends_with_an_error_of_ours(
    location: str, words: str, hub: RangeServer, fetching: Fetching
) -> None:
    model, _ = served_weights(hub, location=location)
    with pytest.raises(FetchFailed, match=words):
        fetching(model)


def test_redirects_in_a_circle_end(hub: RangeServer, fetching: Fetching) -> None:
    model, _ = served_weights(hub, location=WEIGHTS_PATH)
    with pytest.raises(FetchFailed, match="more than 5 times"):
        fetching(model)


def test_the_default_patience_notices_no_network_within_five_seconds() -> None:
    assert Patience().answer_s < 5.0


@pytest.mark.parametrize("kind", ["nobody listens", "nobody answers", "no such name"])
def test_without_a_network_it_says_what_to_do(kind: str, tmp_path: Path) -> None:
    with black_hole() as silent:
        address = {"nobody listens": closed_port(), "nobody answers": silent}.get(kind, "https://hub.invalid")
        fetching = Fetching(settings_for(address, tmp_path))
        with pytest.raises(FetchFailed) as caught:
            fetching(model_of(pinned("a.json")), patience=Patience(answer_s=0.3))
    assert "cannot be reached" in caught.value.what
    for words in ("Check the network", "CUESMITH_HUB", "docs/models.md"):
        assert words in caught.value.advice
    assert fetching.slept_s == []
    assert list(fetching.settings.models.iterdir()) == []


@pytest.mark.parametrize("path", ["pytorch_model.bin", "model.pt", "code.py", "weights.pkl", "notes.md", "../a.json"])
def test_only_safe_kinds_of_file_are_fetched(path: str, hub: RangeServer, fetching: Fetching) -> None:
    hub.serve(REPOSITORY, path, b"{}")
    with pytest.raises(CheckpointRefused, match="is not fetched"):
        fetching(model_of(pinned("a.json"), pinned(path)))
    assert hub.asked == []


def test_a_pickle_under_a_safe_name_is_refused(hub: RangeServer, fetching: Fetching) -> None:
    hub.serve(REPOSITORY, "model.safetensors", b"\x80\x02" + bytes(200))
    with pytest.raises(CheckpointRefused, match="is pickled"):
        fetching(model_of(pinned("model.safetensors")))
    assert left(fetching) == []


def test_a_web_page_under_a_safe_name_is_refused(hub: RangeServer, fetching: Fetching) -> None:
    hub.serve(REPOSITORY, "model.safetensors", b"<!doctype html><p>Log in to the hotel's network")
    with pytest.raises(CheckpointRefused, match="is a web page"):
        fetching(model_of(pinned("model.safetensors")))


def test_another_commit_than_the_pinned_one_is_refused(hub: RangeServer, fetching: Fetching) -> None:
    revision = "d" * 40
    hub.serve(REPOSITORY, "a.json", b"{}", revision=revision)
    with pytest.raises(CheckpointRefused, match=f"of commit {COMMIT}, expected {revision}"):
        fetching(model_of(pinned("a.json", revision=revision)))


def test_a_full_disk_is_told_before_and_while_writing(
    hub: RangeServer, fetching: Fetching, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, _ = served_weights(hub)
    usage = type("Usage", (), {"free": 1000})
    with monkeypatch.context() as patched:
        patched.setattr("shutil.disk_usage", lambda folder: usage)
        with pytest.raises(DiskFull, match="still to come"):
            fetching(model)
    assert left(fetching) == []

    def full(share: float) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(DiskFull, match="is full"):
        fetch_model(model, fetching.settings, advance=full, note=print)
    assert "model.safetensors.part" in left(fetching)


def test_a_place_that_is_a_file_is_refused(hub: RangeServer, tmp_path: Path) -> None:
    (tmp_path / "models").write_text("not a folder")
    with pytest.raises(OutputRefused, match="cannot be written") as caught:
        Fetching(settings_for(hub, tmp_path))(tiny_model(hub))
    assert "CUESMITH_MODELS" in caught.value.advice


def test_two_runs_do_not_write_into_one_folder(hub: RangeServer, fetching: Fetching) -> None:
    model = tiny_model(hub)
    seen: list[CuesmithError] = []

    def again(share: float) -> None:
        try:
            Fetching(fetching.settings)(model)
        except FetchFailed as error:
            seen.append(error)

    fetch_model(model, fetching.settings, advance=again, note=print)
    assert "another run is fetching" in seen[0].what


def test_an_unknown_name_is_refused_with_the_names_there_are(tmp_path: Path) -> None:
    with pytest.raises(UnknownChoice, match="ViT-B-32"):
        fetch("ViT-B-33", settings_for("http://127.0.0.1:1", tmp_path), advance=print, note=print)


def test_what_is_here_already_is_not_fetched(
    hub: RangeServer, fetching: Fetching, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = tiny_model(hub)
    monkeypatch.setattr("pipeline.models.catalogue.models", lambda: {"tiny": model})
    folder = fetch("tiny", fetching.settings, advance=print, note=print)
    asked = len(hub.asked)
    notes: list[str] = []
    assert fetch("tiny", fetching.settings, advance=print, note=notes.append) == folder
    assert len(hub.asked) == asked
    assert "is here already" in notes[0]
    fetch("tiny", fetching.settings, advance=print, note=print, force=True)
    assert len(hub.asked) > asked


def test_a_table_that_came_to_name_another_commit_fetches_all_again(hub: RangeServer, fetching: Fetching) -> None:
    old, new = "a" * 40, "b" * 40
    for revision, body in ((old, b'{"old": 1}'), (new, b'{"new": 1}')):
        hub.serve(REPOSITORY, "a.json", body, revision=revision, headers={"X-Repo-Commit": revision})
    fetching(model_of(pinned("a.json", revision=old)))
    folder = fetching(model_of(pinned("a.json", revision=new)))
    assert (folder / "a.json").read_bytes() == b'{"new": 1}'
