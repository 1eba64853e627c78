"""Tokenizers of a few dozen tokens, of the kinds that public models are saved with."""

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast, RobertaTokenizer, T5TokenizerFast

WORDS = ("warm", "techno", "house", "ambient", "piano", "drums", "pad", "bpm", "minor", "120")
LETTERS = "▁abcdefghijklmnopqrstuvwxyz0123456789.,'-#"


def unigram() -> Tokenizer:
    """A few whole words, and letters for all others; "</s>" ends a text."""
    special = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)]
    pieces = [("▁" + word, -2.0) for word in WORDS] + [(letter, -6.0) for letter in LETTERS]
    tokenizer = Tokenizer(models.Unigram(special + pieces, unk_id=2))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 1)]
    )
    return tokenizer


def t5_tokenizer(max_length: int = 32) -> T5TokenizerFast:
    return T5TokenizerFast(
        tokenizer_object=unigram(),
        model_max_length=max_length,
        pad_token="<pad>",
        eos_token="</s>",
        unk_token="<unk>",
        extra_ids=0,
    )


def roberta_tokenizer(max_length: int = 32) -> RobertaTokenizer:
    """Single bytes."""
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: number for number, token in enumerate(special + letters)}
    return RobertaTokenizer(vocab=vocabulary, merges=[], model_max_length=max_length)


def fast_tokenizer(max_length: int = 32) -> PreTrainedTokenizerFast:
    return PreTrainedTokenizerFast(
        tokenizer_object=unigram(),
        model_max_length=max_length,
        pad_token="<pad>",
        eos_token="</s>",
        unk_token="<unk>",
    )
