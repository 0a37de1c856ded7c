"""Small CLIP and SigLIP models of the real libraries' own classes with random weights, saved as published ones are."""

from __future__ import annotations

import gzip
import io
import json
import random
import string
from pathlib import Path
from typing import Any

TINY_WIDTH = 32
TINY_VECTOR = 16  # length of the vectors of all three
_SENTENCES = 400
_TEXT = (
    "a photo of the sea at night city forest joy fear calm storm wedding battle kitchen office sad happy tense quiet "
    "people running slowly through rain light dark old new film still scene picture with many small large"
)
# From ViT-B-32's own configuration, everything smaller but the patch, so that a picture has few patches.
_TINY_OPEN_CLIP: dict[str, Any] = {
    "embed_dim": TINY_VECTOR,
    "vision_cfg": {"image_size": 224, "layers": 2, "width": TINY_WIDTH, "head_width": 16, "patch_size": 32},
    "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": TINY_WIDTH, "heads": 2, "layers": 2},
}


def tiny_open_clip(folder: Path, *, side_px: int = 224, seed: int = 0, **preprocess: Any) -> Path:
    """open_clip's CLIP as it is published: open_clip_config.json and open_clip_model.safetensors. Returns folder.

    preprocess: what differs from open_clip's defaults, e.g. resize_mode="squash".
    """
    import open_clip
    import torch
    from safetensors.torch import save_file

    config = json.loads(json.dumps(_TINY_OPEN_CLIP))
    config["vision_cfg"]["image_size"] = side_px
    torch.manual_seed(seed)
    model = open_clip.CLIP(**config)
    folder.mkdir(parents=True, exist_ok=True)
    written = {"model_cfg": config, "preprocess_cfg": {"size": side_px, **preprocess}}
    (folder / "open_clip_config.json").write_text(json.dumps(written), "utf-8")
    save_file(model.state_dict(), folder / "open_clip_model.safetensors")
    return folder


def tiny_clip(folder: Path, *, side_px: int = 224, seed: int = 0) -> Path:
    """transformers' CLIPModel with CLIP's real vocabulary, as save_pretrained writes it. Returns folder."""
    import torch
    from transformers import CLIPConfig, CLIPImageProcessor, CLIPModel, CLIPTokenizer

    merges = _clip_merges()
    tokenizer = CLIPTokenizer(vocab=_clip_vocabulary(merges), merges=merges, model_max_length=77)
    config = CLIPConfig(
        text_config={
            **_tiny_tower(), "vocab_size": len(tokenizer), "projection_dim": TINY_VECTOR,
            "bos_token_id": tokenizer.bos_token_id, "eos_token_id": tokenizer.eos_token_id,
        },
        vision_config={**_tiny_tower(), "image_size": side_px, "patch_size": 32, "projection_dim": TINY_VECTOR},
        projection_dim=TINY_VECTOR,
    )  # fmt: skip
    torch.manual_seed(seed)
    CLIPModel(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    CLIPImageProcessor(size={"shortest_edge": side_px}, crop_size=side_px).save_pretrained(folder)
    return folder


def tiny_siglip(folder: Path, *, side_px: int = 224, seed: int = 0) -> Path:
    """transformers' SiglipModel with a small sentencepiece vocabulary trained on the spot. Returns folder."""
    import torch
    from transformers import SiglipConfig, SiglipImageProcessor, SiglipModel, SiglipTokenizer

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "spiece.model").write_bytes(_sentence_pieces())
    tokenizer = SiglipTokenizer(str(folder / "spiece.model"))
    ids = {"bos_token_id": None, "eos_token_id": tokenizer.eos_token_id, "pad_token_id": tokenizer.pad_token_id}
    size = {"hidden_size": TINY_VECTOR, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    config = SiglipConfig(
        text_config={**size, **ids, "vocab_size": tokenizer.vocab_size, "projection_size": TINY_VECTOR},
        vision_config={**size, "image_size": side_px, "patch_size": 32},
    )
    torch.manual_seed(seed)
    SiglipModel(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    SiglipImageProcessor(size={"height": side_px, "width": side_px}).save_pretrained(folder)
    return folder


def _tiny_tower() -> dict[str, int]:
    return {
        "hidden_size": TINY_WIDTH, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2
    }  # fmt: skip


def _clip_merges() -> list[tuple[str, str]]:
    """CLIP's 48,894 merges, from the file that open_clip brings."""
    from open_clip.tokenizer import default_bpe

    text = gzip.decompress(Path(default_bpe()).read_bytes()).decode("utf-8")
    pairs = (line.split() for line in text.split("\n")[1 : 49152 - 256 - 2 + 1])
    return [(left, right) for left, right in pairs]


def _clip_vocabulary(merges: list[tuple[str, str]]) -> dict[str, int]:
    from open_clip.tokenizer import bytes_to_unicode

    letters = list(bytes_to_unicode().values())
    tokens = [*letters, *(letter + "</w>" for letter in letters), *("".join(pair) for pair in merges)]
    return {token: number for number, token in enumerate([*tokens, "<|startoftext|>", "<|endoftext|>"])}


def _sentence_pieces() -> bytes:
    import sentencepiece

    drawn = random.Random(0)
    letters = string.ascii_lowercase
    made_up = ["".join(drawn.choices(letters, k=drawn.randint(1, 7))) for _ in range(_SENTENCES)]  # every letter occurs
    sentences = (" ".join([*drawn.choices(_TEXT.split(), k=8), word]) for word in made_up)
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=sentences, model_writer=model, vocab_size=200, model_type="unigram", minloglevel=2,
        pad_id=0, eos_id=1, unk_id=2, bos_id=-1, normalization_rule_name="identity", num_threads=1,
        hard_vocab_limit=False,
    )  # fmt: skip
    return model.getvalue()
