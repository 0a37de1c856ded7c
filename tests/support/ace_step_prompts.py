"""A small real prompt tokenizer: a SentencePiece unigram model, and the same pieces as a tokenizer.json."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path

import sentencepiece
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

PAD, EOS, UNKNOWN = 0, 1, 3
_VOCABULARY = 512
_CORPUS = """
uplifting pop with piano and strings, warm and hopeful, soft drums, 120 bpm
dark cinematic underscore, low strings, slow pulse, tension, minor key
ambient pads, airy texture, no drums, calm, gentle, slow tempo
bright corporate upbeat guitar, claps, energetic, major key, instrumental
melancholic solo piano, rain, sad, intimate; epic orchestral brass, heroic, fast
electronic, synth bass, driving, tense, mysterious, suspense, action, chase
"""


@cache
def sentencepiece_model() -> bytes:
    """The model file's bytes: 512 pieces, every byte among them, so that any text has ids and comes back."""
    written = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(_CORPUS.strip().splitlines() * 8),
        model_writer=written,
        vocab_size=_VOCABULARY,
        model_type="unigram",
        byte_fallback=True,
        hard_vocab_limit=False,
        character_coverage=1.0,
        normalization_rule_name="nmt_nfkc",
        pad_id=PAD,
        eos_id=EOS,
        bos_id=2,
        unk_id=UNKNOWN,
        minloglevel=2,
        num_threads=1,
    )
    return written.getvalue()


def write_tokenizer(path: Path) -> None:
    """The same pieces under the same ids as a tokenizer.json."""
    model = sentencepiece.SentencePieceProcessor(model_proto=sentencepiece_model())
    pieces = [(model.id_to_piece(i), model.get_score(i)) for i in range(model.get_piece_size())]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=UNKNOWN, byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Strip(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.decoder = decoders.Sequence(
        [decoders.ByteFallback(), decoders.Metaspace(replacement="▁", prepend_scheme="always")]
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", EOS)]
    )
    tokenizer.add_special_tokens([AddedToken(piece, special=True) for piece in ("<pad>", "</s>", "<s>", "<unk>")])
    tokenizer.save(str(path))
