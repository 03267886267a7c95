#!/usr/bin/env python3
"""Makes the small text encoder that the tests embed with, and what PyTorch answers for it.

    pip install torch transformers tokenizers onnx onnxscript
    python export_encoder.py OUT [--seed N]

OUT becomes a folder as sentence-transformers publishes one: config.json, tokenizer.json, tokenizer_config.json,
modules.json, 1_Pooling/config.json, onnx/model.onnx; and answers.json with texts, their token ids and their vectors
(mean over the tokens, divided by the length). A BERT encoder with random weights: its vectors mean nothing, but every
part of the computation shows in them.
"""
import argparse
import json
import os

import onnx
import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import BertConfig, BertModel

TEXTS = [
    "A cairn is a stack of stones that marks the way.", "", "KV blocks decide the route", "stone", "stones",
    "The quick brown fox jumps over the lazy dog. " * 6, "Größe, naïve, 日本語, 🙂", "a\tb\nc   d", "0123456789 3.14",
    "[CLS] is no special text here [SEP]",
]


def make_tokenizer(size=600):
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    trainer = trainers.WordPieceTrainer(vocab_size=size, special_tokens=special, show_progress=False)
    tokenizer.train_from_iterator(TEXTS * 3 + [__doc__], trainer)
    cls, sep = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", sep), ("[CLS]", cls))
    return tokenizer


class Encoder(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, input_ids, attention_mask, token_type_ids):
        return self.model(input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids).last_hidden_state


def strip(path):
    """Takes out what the exporter notes of the machine that it ran on: stack traces with paths."""
    model = onnx.load(path)
    for part in (model, model.graph, *model.graph.node, *model.graph.value_info, *model.graph.input, *model.graph.output):
        del part.metadata_props[:]
        part.doc_string = ""
    onnx.save(model, path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    out = arguments.out
    os.makedirs(os.path.join(out, "onnx"), exist_ok=True)
    os.makedirs(os.path.join(out, "1_Pooling"), exist_ok=True)
    torch.manual_seed(arguments.seed)
    tokenizer = make_tokenizer()
    config = BertConfig(vocab_size=tokenizer.get_vocab_size(), hidden_size=48, num_hidden_layers=2, num_attention_heads=4,
                        intermediate_size=96, max_position_embeddings=128, attn_implementation="eager")
    model = BertModel(config, add_pooling_layer=False).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            spread = torch.randn(parameter.shape)
            parameter.copy_(1 + 0.2 * spread if "LayerNorm.weight" in name else 0.25 * spread)
    encoder = Encoder(model).eval()

    ids = torch.tensor([[2, 7, 9, 3], [2, 8, 3, 0]])
    mask = torch.tensor([[1, 1, 1, 1], [1, 1, 1, 0]])
    names = ["input_ids", "attention_mask", "token_type_ids"]
    batch, length = torch.export.Dim("batch"), torch.export.Dim("length", max=128)
    torch.onnx.export(encoder, (ids, mask, torch.zeros_like(ids)), os.path.join(out, "onnx", "model.onnx"),
                      input_names=names, output_names=["last_hidden_state"], dynamo=True, external_data=False,
                      dynamic_shapes={n: {0: batch, 1: length} for n in names})

    strip(os.path.join(out, "onnx", "model.onnx"))

    def dump(path, value):
        with open(os.path.join(out, path), "w") as file:
            json.dump(value, file, ensure_ascii=False, indent=1)

    tokenizer.save(os.path.join(out, "tokenizer.json"))
    dump("config.json", dict(model_type="bert", architectures=["BertModel"], hidden_size=48, max_position_embeddings=128,
                             vocab_size=config.vocab_size))
    dump("tokenizer_config.json", dict(tokenizer_class="PreTrainedTokenizerFast", cls_token="[CLS]", sep_token="[SEP]",
                                       pad_token="[PAD]", unk_token="[UNK]", model_max_length=128))
    dump("modules.json", [
        dict(idx=0, name="0", path="", type="sentence_transformers.models.Transformer"),
        dict(idx=1, name="1", path="1_Pooling", type="sentence_transformers.models.Pooling"),
        dict(idx=2, name="2", path="2_Normalize", type="sentence_transformers.models.Normalize")])
    dump("1_Pooling/config.json", dict(word_embedding_dimension=48, pooling_mode_cls_token=False,
                                       pooling_mode_mean_tokens=True, pooling_mode_max_tokens=False))

    answers = []
    for text in TEXTS:
        ids = tokenizer.encode(text).ids
        with torch.no_grad():
            one = torch.tensor([ids])
            vector = encoder(one, torch.ones_like(one), torch.zeros_like(one))[0].mean(0)
        answers.append(dict(text=text, ids=ids, vector=[round(float(v), 7) for v in vector / vector.norm()]))
    dump("answers.json", answers)


if __name__ == "__main__":
    main()
