from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import torch
from ace_step_checkpoints import FAULTS, MIXED, broken_checkpoint, tiny_checkpoint

from music_engine.ace_step.checkpoint.checkpoint import Checkpoint, open_checkpoint
from scoring.errors import CheckpointRefused

PROMPT = "Uplifting pop, 雨 [piano] & strings"


def parts_made(opened: Checkpoint) -> list[torch.nn.Module]:
    codec, encoder = opened.codec(), opened.text_encoder()
    return [opened.transformer(), codec.autoencoder, codec.vocoder, encoder._loaded()]


def weights(opened: Checkpoint) -> dict[str, torch.Tensor]:
    return {
        f"{index} {name}": tensor
        for index, module in enumerate(parts_made(opened))
        for name, tensor in module.state_dict().items()
    }


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> dict[str, torch.Tensor]:
    return weights(open_checkpoint(tiny_checkpoint(tmp_path_factory.mktemp("sound"))))


@pytest.mark.parametrize(
    "variety",
    [
        {"layout": "comfyui"},
        {"weight_norm": "parametrizations"},
        {"weight_norm": "fused"},
        {"dead": False},
        {"layout": "comfyui", "weight_norm": "fused", "dead": False},
    ],
    ids=str,
)
def test_every_layout_and_spelling_gives_the_same_weights(
    variety: dict[str, Any], sound: dict[str, torch.Tensor], tmp_path: Path
) -> None:
    found = weights(open_checkpoint(tiny_checkpoint(tmp_path, **variety)))
    assert found.keys() == sound.keys()
    for name, tensor in sound.items():
        torch.testing.assert_close(found[name], tensor, rtol=1e-6, atol=1e-7, msg=name)


@pytest.mark.parametrize("layout", ["folder", "comfyui"])
def test_parts_of_different_precision_are_cast_to_the_one_asked_for(
    layout: Any, sound: dict[str, torch.Tensor], tmp_path: Path
) -> None:
    found = weights(open_checkpoint(tiny_checkpoint(tmp_path, layout=layout, dtypes=MIXED)))
    assert {tensor.dtype for tensor in found.values()} == {torch.float32}
    for name, tensor in sound.items():
        torch.testing.assert_close(found[name], tensor, rtol=2e-2, atol=1e-3, msg=name)


def test_tensors_of_different_precision_in_one_file_are_cast_too(tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    path = tiny_checkpoint(tmp_path) / "ace_step_transformer/diffusion_pytorch_model.safetensors"
    tensors = load_file(path)
    mixed = {
        name: t.to((torch.bfloat16, torch.float16, torch.float32)[i % 3]) for i, (name, t) in enumerate(tensors.items())
    }
    path.unlink()
    save_file(mixed, path)
    found = open_checkpoint(tmp_path).transformer(torch.bfloat16)
    assert {p.dtype for p in found.parameters()} == {torch.bfloat16}
    stored = open_checkpoint(tmp_path).transformer(None)
    assert {p.dtype for p in stored.parameters()} == {torch.bfloat16, torch.float16, torch.float32}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_refused_with_what_was_found_and_what_was_expected(fault: str, tmp_path: Path) -> None:
    path = broken_checkpoint(tmp_path / "ckpt", fault)
    with pytest.raises(CheckpointRefused) as refusal:
        parts_made(open_checkpoint(path))
    for words in FAULTS[fault].words:
        assert words in str(refusal.value)
    assert refusal.value.advice


@pytest.mark.parametrize("fault", [name for name, fault in FAULTS.items() if not fault.only_in_values])
def test_what_headers_show_is_refused_before_any_weights_are_read(fault: str, tmp_path: Path) -> None:
    with pytest.raises(CheckpointRefused):
        open_checkpoint(broken_checkpoint(tmp_path / "ckpt", fault))


def test_tensors_that_nothing_computes_with_are_never_read(tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    path = tiny_checkpoint(tmp_path) / "ace_step_transformer/diffusion_pytorch_model.safetensors"
    tensors = {name: t.clone() for name, t in load_file(path).items()}
    dead = [name for name in tensors if "add_" in name or name.startswith("projectors.")]
    assert len(dead) == 21 * 8 + 12
    for name in dead:
        tensors[name].fill_(float("nan"))
    save_file(tensors, path)
    opened = open_checkpoint(tmp_path)
    assert not set(dead) & set(opened.reader("transformer").names())
    assert not any(tensor.isnan().any() for tensor in opened.transformer().state_dict().values())


def mapped_files(tensors: Iterable[torch.Tensor]) -> set[str]:
    """The files whose mapped bytes the tensors are views of; "" for memory of their own."""
    ranges = []
    for line in Path("/proc/self/maps").read_text().splitlines():
        address, *_, name = line.split(maxsplit=5) if len(line.split()) > 5 else (line.split()[0], "")
        start, end = (int(number, 16) for number in address.split("-"))
        ranges.append((start, end, Path(name).name if ".safetensors" in name else ""))
    return {name for tensor in tensors for start, end, name in ranges if start <= tensor.data_ptr() < end}


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="asks Linux what is mapped where")
def test_weights_stored_in_the_precision_asked_for_stay_in_the_mapped_file(tmp_path: Path) -> None:
    opened = open_checkpoint(tiny_checkpoint(tmp_path, layout="comfyui", dtypes=MIXED))
    file = "ace_step_v1_3.5b.safetensors"
    assert mapped_files(opened.transformer(None).parameters()) == {file}
    assert mapped_files(opened.transformer(torch.bfloat16).parameters()) == {file}
    assert mapped_files(opened.text_encoder()._loaded().parameters()) == {file}
    assert mapped_files(opened.transformer(torch.float32).parameters()) == {""}


def test_the_text_encoders_embedding_is_one_tensor_under_its_two_names(tmp_path: Path) -> None:
    model = open_checkpoint(tiny_checkpoint(tmp_path)).text_encoder()._loaded()
    assert model.encoder.embed_tokens.weight is model.shared.weight


def test_an_embedding_stored_under_both_names_or_the_second_loads(tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    path = tiny_checkpoint(tmp_path) / "umt5-base/model.safetensors"
    tensors = {name: t.clone() for name, t in load_file(path).items()}
    shared = tensors.pop("shared.weight")
    for names in (("encoder.embed_tokens.weight",), ("encoder.embed_tokens.weight", "shared.weight")):
        save_file({**tensors, **{name: shared.clone() for name in names}}, path)
        model = open_checkpoint(tmp_path).text_encoder()._loaded()
        torch.testing.assert_close(model.shared.weight.data, shared)


def test_both_layouts_tokenise_a_prompt_alike_and_give_it_back(tmp_path: Path) -> None:
    folder = open_checkpoint(tiny_checkpoint(tmp_path / "a")).tokenizer()
    single = open_checkpoint(tiny_checkpoint(tmp_path / "b", layout="comfyui")).tokenizer()
    for prompt in (PROMPT, "", "one  two"):
        ids = folder.encode([prompt]).ids
        assert ids.tolist() == single.encode([prompt]).ids.tolist()
    assert folder.decode(folder.encode([PROMPT]).ids[0]) == single.decode(single.encode([PROMPT]).ids[0]) == PROMPT


def test_a_folder_that_holds_comfyuis_file_alone_opens(tmp_path: Path) -> None:
    tiny_checkpoint(tmp_path, layout="comfyui")
    assert open_checkpoint(tmp_path).layout == "single file"


def test_a_tokenizer_with_more_ids_than_the_embedding_has_rows_is_refused(tmp_path: Path) -> None:
    import json

    path = tiny_checkpoint(tmp_path) / "umt5-base/tokenizer.json"
    table = json.loads(path.read_text("utf-8"))
    table["model"]["vocab"] += [[f"word{i}", -9.0] for i in range(400)]
    path.write_text(json.dumps(table), encoding="utf-8")
    with pytest.raises(CheckpointRefused, match="vocabulary of 759, expected at most 512"):
        open_checkpoint(tmp_path).text_encoder()


def test_an_identity_follows_the_weights_and_not_the_place(tmp_path: Path) -> None:
    first = open_checkpoint(tiny_checkpoint(tmp_path / "a"))
    elsewhere = open_checkpoint(tiny_checkpoint(tmp_path / "b"))
    other = open_checkpoint(tiny_checkpoint(tmp_path / "c", seed=1))
    assert first.identity == elsewhere.identity != other.identity


def test_reading_goes_on_where_the_file_is_mapped_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = open_checkpoint(tiny_checkpoint(tmp_path))
    before = {name: tensor.clone() for name, tensor in opened.transformer(None).state_dict().items()}
    monkeypatch.setattr("music_engine.ace_step.checkpoint.reader._KEPT_BYTES", 1000)
    for name, tensor in opened.transformer(None).state_dict().items():
        assert torch.equal(tensor, before[name]), name
