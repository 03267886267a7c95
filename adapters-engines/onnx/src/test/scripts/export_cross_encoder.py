#!/usr/bin/env python3
"""Makes the small cross-encoder that the tests score with, and what PyTorch answers for it.

    pip install torch transformers tokenizers onnx onnxscript
    python export_cross_encoder.py OUT [--seed N]

OUT becomes a folder as sentence-transformers publishes one: config.json, tokenizer.json, tokenizer_config.json,
onnx/model.onnx; and answers.json with pairs of texts, their token ids and segments, whole or cut to a length, and the
sigmoid of their logits. BERT with one label and random weights.
"""
import argparse
import json
import os

import onnx
import torch
from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

from export_encoder import make_tokenizer, strip

QUERIES = ["what is a cairn?", "stone", "Größe 日本語"]
DOCUMENTS = ["A cairn is a stack of stones that marks the way.", "KV blocks decide the route", "stones", "0123456789 3.14 🙂",
             "The quick brown fox jumps over the lazy dog. " * 3]


class Classifier(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, input_ids, attention_mask, token_type_ids):
        return self.model(input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids).logits


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out")
    parser.add_argument("--seed", type=int, default=4)
    arguments = parser.parse_args()
    out = arguments.out
    os.makedirs(os.path.join(out, "onnx"), exist_ok=True)
    torch.manual_seed(arguments.seed)
    own = make_tokenizer(150)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=own, cls_token="[CLS]", sep_token="[SEP]", pad_token="[PAD]",
                                        unk_token="[UNK]")
    config = BertConfig(vocab_size=own.get_vocab_size(), hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
                        intermediate_size=32, max_position_embeddings=64, num_labels=1, attn_implementation="eager")
    model = BertForSequenceClassification(config).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            spread = torch.randn(parameter.shape)
            scale = 1 if name.startswith("classifier") else 0.3 if "pooler" in name else 0.4
            parameter.copy_(1 + 0.2 * spread if "LayerNorm.weight" in name else scale * spread)
    classifier = Classifier(model).eval()

    ids = torch.tensor([[2, 7, 9, 3], [2, 8, 3, 0]])
    mask = torch.tensor([[1, 1, 1, 1], [1, 1, 1, 0]])
    names = ["input_ids", "attention_mask", "token_type_ids"]
    batch, length = torch.export.Dim("batch"), torch.export.Dim("length", max=64)
    path = os.path.join(out, "onnx", "model.onnx")
    torch.onnx.export(classifier, (ids, mask, torch.zeros_like(ids)), path, input_names=names, output_names=["logits"],
                      dynamo=True, external_data=False, dynamic_shapes={n: {0: batch, 1: length} for n in names})
    strip(path)

    def dump(path, value):
        with open(os.path.join(out, path), "w") as file:
            json.dump(value, file, ensure_ascii=False, separators=(",", ":"))

    own.save(os.path.join(out, "tokenizer.json"), pretty=False)
    dump("config.json", dict(model_type="bert", architectures=["BertForSequenceClassification"], hidden_size=16,
                             max_position_embeddings=64, vocab_size=config.vocab_size))
    dump("tokenizer_config.json", dict(tokenizer_class="PreTrainedTokenizerFast", cls_token="[CLS]", sep_token="[SEP]",
                                       pad_token="[PAD]", unk_token="[UNK]", model_max_length=64))

    answers = []
    for query in QUERIES:
        for document in DOCUMENTS:
            for longest in (64, 24, 13):
                pair = tokenizer(query, document, truncation="longest_first", max_length=longest, return_tensors="pt",
                                 return_token_type_ids=True)
                with torch.no_grad():
                    logit = classifier(pair["input_ids"], pair["attention_mask"], pair["token_type_ids"])[0, 0]
                answers.append(dict(first=query, second=document, longest=longest, ids=pair["input_ids"][0].tolist(),
                                    types=pair["token_type_ids"][0].tolist(), score=round(float(torch.sigmoid(logit)), 7)))
    dump("answers.json", answers)
    print(sum(a["score"] for a in answers) / len(answers), min(a["score"] for a in answers), max(a["score"] for a in answers))


if __name__ == "__main__":
    main()
