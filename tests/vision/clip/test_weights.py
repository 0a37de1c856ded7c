"""Files that are not the weights of this model are refused, by name, and none of them can run anything."""

from __future__ import annotations

import json
import pickle
import resource
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from scoring.errors import CheckpointRefused
from vision.clip.load import load_encoder
from vision.clip.weights import find_weights

FILE = "open_clip_model.safetensors"
Tensors = dict[str, Tensor]


@pytest.fixture
def folder(open_clip_folder: Path, tmp_path: Path) -> Path:
    """A copy that may be damaged."""
    return Path(shutil.copytree(open_clip_folder, tmp_path / "model"))


def refused(place: Path, library: str = "open_clip") -> str:
    with pytest.raises(CheckpointRefused) as caught:
        load_encoder(library=library, architecture="", weights=place, name="n", device="cpu")  # type: ignore[arg-type]
    return str(caught.value)


def without(name: str) -> Callable[[Tensors], Tensors]:
    return lambda tensors: {key: tensor for key, tensor in tensors.items() if key != name}


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (without("ln_final.bias"), "ln_final.bias: found nothing, expected [32]"),
        (lambda t: {**t, "head.weight": torch.ones(3)}, "head.weight: found [3], expected no tensor of this name"),
        (lambda t: {**t, "visual.proj": torch.ones(32, 17)}, "visual.proj: found [32, 17], expected [32, 16]"),
        (
            lambda t: {**t, "visual.proj": torch.full((32, 16), torch.nan)},
            "visual.proj: found NaN or infinity, expected finite numbers",
        ),
        (
            lambda t: {**t, "visual.proj": torch.ones((32, 16), dtype=torch.int8)},
            "visual.proj: found numbers of kind I8, expected F32, F16 or BF16",
        ),
        (lambda t: {f"x.{key}": tensor for key, tensor in t.items()}, "; and 121 more"),
    ],
    ids=["missing", "extra", "shape", "NaN", "whole numbers", "all names"],
)
def test_a_tensor_that_does_not_fit_is_named_with_what_was_found_and_expected(
    folder: Path, damage: Callable[[Tensors], Tensors], why: str
) -> None:
    save_file(damage(load_file(folder / FILE)), folder / FILE)
    assert why in refused(folder)


def test_the_scale_may_be_saved_as_one_number_or_as_a_list_of_one(folder: Path) -> None:
    tensors = load_file(folder / FILE)
    save_file({**tensors, "logit_scale": tensors["logit_scale"].reshape(1)}, folder / FILE)
    load_encoder(library="open_clip", architecture="", weights=folder, name="n", device="cpu")


def test_running_numbers_that_old_files_carry_are_let_pass(clip_folder: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(clip_folder, tmp_path / "old"))
    file = folder / "model.safetensors"
    positions = {"text_model.embeddings.position_ids": torch.arange(77)[None]}
    save_file({**load_file(file), **positions}, file)
    load_encoder(library="transformers", architecture="", weights=folder, name="n", device="cpu")


def test_weights_of_the_other_library_are_recognised(folder: Path, clip_folder: Path, tmp_path: Path) -> None:
    shutil.copy(clip_folder / "model.safetensors", folder / FILE)
    assert "form of transformers" in refused(folder)
    other = Path(shutil.copytree(clip_folder, tmp_path / "other"))
    shutil.copy(folder.parent / "model" / "open_clip_config.json", other)
    save_file({"visual.proj": torch.ones(2)}, other / "model.safetensors")
    assert "form of open_clip" in refused(other, "transformers")


class Bomb:
    """Unpickled, it would make a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str, str]]:
        return open, (str(self.path), "w")


@pytest.mark.parametrize("name", ["open_clip_pytorch_model.bin", "model.pt", "model.ckpt", FILE])
@pytest.mark.parametrize("archived", [True, False], ids=["zip archive", "bare pickle"])
def test_a_pickle_is_refused_whatever_it_is_called_and_never_opened(
    folder: Path, tmp_path: Path, name: str, archived: bool
) -> None:
    bomb = Bomb(tmp_path / "went off")
    (folder / FILE).unlink()
    if archived:
        torch.save({"weight": bomb}, folder / name)
    else:
        (folder / name).write_bytes(pickle.dumps(bomb))
    for place in (folder, folder / name):
        assert "is pickled, which can run any program" in refused(place)
        assert ".safetensors file of the same model" in refused(place)
    assert not (tmp_path / "went off").exists()


def header(table: object) -> bytes:
    text = json.dumps(table).encode()
    return len(text).to_bytes(8, "little") + text


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "is no whole safetensors file: 0 bytes"),
        ((2**62).to_bytes(8, "little") + b"{}" * 50, "said to be its header"),
        ((20 << 20).to_bytes(8, "little") + b" " * (21 << 20), "said to be its header"),
        (b"\x08\x00\x00\x00\x00\x00\x00\x00nonsense" * 9, "is not a whole safetensors file"),
        (header({"a": {"dtype": "F32", "shape": [2**40], "data_offsets": [0, 2**42]}}), "not a whole safetensors"),
        (header({"a": {"dtype": "F32", "shape": [2**62, 4], "data_offsets": [0, 16]}}) + bytes(16), "not a whole"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "Git LFS pointer"),
        (b"<!DOCTYPE html><html><title>Log in</title></html>", "web page"),
    ],
    ids=["empty", "huge header", "long header", "no JSON", "cut off", "overflow", "LFS", "HTML"],
)
def test_a_hostile_or_broken_file_is_refused_at_little_cost(folder: Path, data: bytes, why: str) -> None:
    (folder / FILE).write_bytes(data)
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert why in refused(folder)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb < 100_000


def test_a_folder_is_searched_by_name_and_then_for_the_only_one(tmp_path: Path) -> None:
    with pytest.raises(CheckpointRefused, match="there are no weights"):
        find_weights(tmp_path / "nowhere", ("a.safetensors",))
    with pytest.raises(CheckpointRefused, match=r"Put a.safetensors or b.safetensors there"):
        find_weights(tmp_path, ("a.safetensors", "b.safetensors"))
    (tmp_path / "c.safetensors").touch()
    assert find_weights(tmp_path, ("a.safetensors",)).name == "c.safetensors"
    (tmp_path / "d.safetensors").touch()
    with pytest.raises(CheckpointRefused, match=r"holds 2 .safetensors files"):
        find_weights(tmp_path, ("a.safetensors",))
    (tmp_path / "b.safetensors").touch()
    assert find_weights(tmp_path, ("a.safetensors", "b.safetensors")).name == "b.safetensors"


def test_weights_in_several_files_are_refused(clip_folder: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(clip_folder, tmp_path / "sharded"))
    (folder / "model.safetensors.index.json").write_text("{}", "utf-8")
    assert "in several files" in refused(folder, "transformers")


def test_a_configuration_that_is_missing_or_no_table_is_refused(clip_folder: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(clip_folder, tmp_path / "bare"))
    for text, why in (("[1]", "holds no table"), ("{", "is no JSON"), ("[" * 99_999, "is no JSON")):
        (folder / "config.json").write_text(text, "utf-8")
        assert why in refused(folder, "transformers")
    (folder / "config.json").unlink()
    assert "cannot be read" in refused(folder, "transformers")
