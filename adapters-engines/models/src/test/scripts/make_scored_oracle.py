#!/usr/bin/env python3
"""Makes src/test/resources/oracles/gguf-scored: a SentencePiece vocabulary as GGUF keeps it, with SentencePiece's answers.

    make_scored_oracle.py        (pip install sentencepiece gguf)

Trained on the sources of Python's standard library; Llama 2's settings (BPE, byte fallback, dummy prefix, identity normaliser).
"""
import argparse, difflib, inspect, json, os, pydoc, random, tarfile, tempfile, textwrap, typing
import gguf, sentencepiece

HERE = os.path.dirname(os.path.abspath(__file__))
TARGET = os.path.normpath(os.path.join(HERE, "..", "resources", "oracles", "gguf-scored"))
TEXTS = [
    "", " ", "\n", "   leading and trailing   ", "Hello, world!", "hello  world\n\n\nend", "\t\ttabs\r\nCRLF\r\n", "1234567890 3.14",
    "def f(x):\n    return x ** 2  # square\n", '{"a": [1, null], "b": "\\u00e9"}', "caf\u00e9 cafe\u0301 \ufb01", "\u4f60\u597d\uff0c\u4e16\u754c",
    "\U0001f600\U0001f469\u200d\U0001f467 \U0001f44d\U0001f3fd", "a\u0001b\u007fc\u00a0d\u2003e\u200bf\ufeff", "x" * 200, "ab " * 40, "!@#$%^&*()[]{}|;':\",./<>?`~",
    "The quick brown fox jumps over the lazy dog. " * 3, "https://example.com/a/b?c=d&e=%20f#g", "self.assertEqual(argument, default)",
]


def main():
    os.makedirs(TARGET, exist_ok=True)
    with tempfile.TemporaryDirectory() as tmp:
        corpus = os.path.join(tmp, "corpus.txt")
        with open(corpus, "w") as f:
            f.write("\n".join(inspect.getsource(m) for m in (argparse, difflib, pydoc, tarfile, textwrap, typing)))
        sentencepiece.SentencePieceTrainer.train(
            input=corpus, model_prefix=os.path.join(tmp, "m"), vocab_size=1200, model_type="bpe", byte_fallback=True,
            normalization_rule_name="identity", remove_extra_whitespaces=False, add_dummy_prefix=True, split_digits=True,
            allow_whitespace_only_pieces=True, character_coverage=0.9995, num_threads=1, minloglevel=2)
        sp = sentencepiece.SentencePieceProcessor(model_file=os.path.join(tmp, "m.model"))
    w = gguf.GGUFWriter(os.path.join(TARGET, "model.gguf"), "llama")
    n = sp.get_piece_size()
    w.add_tokenizer_model("llama")
    w.add_token_list([sp.id_to_piece(i).encode() for i in range(n)])
    w.add_token_scores([sp.get_score(i) for i in range(n)])
    w.add_token_types([2 if sp.is_unknown(i) else 3 if sp.is_control(i) else 6 if sp.is_byte(i) else 1 for i in range(n)])
    w.add_bos_token_id(sp.bos_id()); w.add_eos_token_id(sp.eos_id()); w.add_unk_token_id(sp.unk_id())
    w.write_header_to_file(); w.write_kv_data_to_file(); w.close()
    rng = random.Random(3)
    text = [dict(text=x, ids=[sp.bos_id()] + sp.encode(x), ids_without_special=sp.encode(x), decoded=sp.decode(sp.encode(x)),
                 decoded_skip_special=sp.decode(sp.encode(x))) for x in TEXTS]
    with open(os.path.join(TARGET, "oracle.json"), "w", encoding="utf-8") as f:
        json.dump(dict(made_with="sentencepiece " + sentencepiece.__version__, text=text), f, ensure_ascii=False, separators=(",", ":"))


if __name__ == "__main__":
    main()
