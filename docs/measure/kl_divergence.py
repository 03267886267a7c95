#!/usr/bin/env python3
"""How far quantised computation drifts from exact arithmetic over the same stored weights: Cairn beside llama.cpp.

    pip install torch gguf numpy llama-cpp-python
    cairn serve --model FILE.gguf --port 8080 --set cairn.http.max-logprobs=4096
    python kl_divergence.py FILE.gguf --url http://127.0.0.1:8080 [--prompts 6] [--tokens 64] [--seed 1]

For random prompts, every position's whole distribution is taken from three sides: float64 over the dequantised weights
(written out below, llama architecture), Cairn's prompt_logprobs, llama.cpp's logits. Prints the mean Kullback-Leibler
divergence from the first of each of the others, and their ratio.
"""
import argparse
import ctypes
import json
import math
import urllib.request

import gguf
import numpy as np
import torch
from gguf.quants import dequantize


def field(reader, key, default=None):
    f = reader.get_field(key)
    return default if f is None else f.contents()


class Reference:
    """The llama architecture in float64; GGUF keeps query and key rows for interleaved rotation, so pairs are (2i, 2i + 1)."""

    def __init__(self, path):
        reader = gguf.GGUFReader(path)
        assert field(reader, "general.architecture") == "llama"
        self.heads = field(reader, "llama.attention.head_count")
        self.kv = field(reader, "llama.attention.head_count_kv")
        self.layers = field(reader, "llama.block_count")
        self.eps = field(reader, "llama.attention.layer_norm_rms_epsilon")
        self.theta = field(reader, "llama.rope.freq_base", 10000.0)
        self.w = {}
        for t in reader.tensors:
            shape = tuple(reversed(t.shape.tolist()))
            self.w[t.name] = torch.tensor(dequantize(t.data, t.tensor_type).reshape(shape).astype(np.float64))
        self.vocab = self.w["token_embd.weight"].shape[0]
        self.head = field(reader, "llama.attention.key_length", self.w["token_embd.weight"].shape[1] // self.heads)

    def norm(self, x, name):
        return x / torch.sqrt((x * x).mean(-1, keepdim=True) + self.eps) * self.w[name]

    def rotate(self, x):
        n, _, d = x.shape
        inverse = self.theta ** (-torch.arange(0, d, 2, dtype=torch.float64) / d)
        if "rope_freqs.weight" in self.w:
            inverse = inverse / self.w["rope_freqs.weight"]
        angle = torch.arange(n, dtype=torch.float64)[:, None, None] * inverse
        a, b = x[..., 0::2], x[..., 1::2]
        return torch.stack((a * angle.cos() - b * angle.sin(), a * angle.sin() + b * angle.cos()), -1).flatten(-2)

    def logprobs(self, ids):
        w, n = self.w, len(ids)
        x = w["token_embd.weight"][ids]
        mask = torch.full((n, n), -math.inf, dtype=torch.float64).triu(1)
        for layer in range(self.layers):
            p = f"blk.{layer}."
            h = self.norm(x, p + "attn_norm.weight")
            q = self.rotate((h @ w[p + "attn_q.weight"].T).view(n, self.heads, self.head))
            k = self.rotate((h @ w[p + "attn_k.weight"].T).view(n, self.kv, self.head))
            v = (h @ w[p + "attn_v.weight"].T).view(n, self.kv, self.head)
            k, v = (t.repeat_interleave(self.heads // self.kv, 1) for t in (k, v))
            scores = torch.einsum("qhd,khd->hqk", q, k) / math.sqrt(self.head) + mask
            a = torch.einsum("hqk,khd->qhd", scores.softmax(-1), v).reshape(n, -1)
            x = x + a @ w[p + "attn_output.weight"].T
            h = self.norm(x, p + "ffn_norm.weight")
            gate = torch.nn.functional.silu(h @ w[p + "ffn_gate.weight"].T) * (h @ w[p + "ffn_up.weight"].T)
            x = x + gate @ w[p + "ffn_down.weight"].T
        out = w.get("output.weight", w["token_embd.weight"])
        return torch.log_softmax(self.norm(x, "output_norm.weight") @ out.T, -1)


def cairn(url, prompts, vocab):
    model = json.load(urllib.request.urlopen(url + "/v1/models"))["data"][0]["id"]
    for ids in prompts:
        body = dict(model=model, prompt=ids, max_tokens=1, temperature=0, prompt_logprobs=vocab)
        request = urllib.request.Request(url + "/v1/completions", json.dumps(body).encode(), {"Content-Type": "application/json"})
        choice = json.load(urllib.request.urlopen(request))["choices"][0]
        rows = torch.full((len(ids) - 1, vocab), math.nan, dtype=torch.float64)
        for i, row in enumerate(choice["prompt_logprobs"][1:]):
            for token, entry in row.items():
                rows[i, int(token)] = entry["logprob"]
        yield torch.log_softmax(rows, -1)  # the sum of rounded values is 1 again


def llama_cpp(path, prompts, vocab):
    import llama_cpp as l
    l.llama_backend_init()
    silent = l.llama_log_callback(lambda level, text, data: None)
    l.llama_log_set(silent, ctypes.c_void_p(0))
    model = l.llama_model_load_from_file(path.encode(), l.llama_model_default_params())
    for ids in prompts:
        params = l.llama_context_default_params()
        params.n_ctx, params.n_batch, params.n_threads, params.n_threads_batch = 512, 512, 2, 2
        context = l.llama_init_from_model(model, params)
        batch = l.llama_batch_init(len(ids), 0, 1)
        batch.n_tokens = len(ids)
        for i, token in enumerate(ids):
            batch.token[i], batch.pos[i], batch.n_seq_id[i], batch.seq_id[i][0], batch.logits[i] = token, i, 1, 0, 1
        assert l.llama_decode(context, batch) == 0
        rows = [np.ctypeslib.as_array(l.llama_get_logits_ith(context, i), shape=(vocab,)).copy() for i in range(len(ids) - 1)]
        yield torch.log_softmax(torch.tensor(np.array(rows), dtype=torch.float64), -1)
        l.llama_free(context)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("gguf")
    p.add_argument("--url", required=True)
    p.add_argument("--prompts", type=int, default=6)
    p.add_argument("--tokens", type=int, default=64)
    p.add_argument("--seed", type=int, default=1)
    a = p.parse_args()
    reference = Reference(a.gguf)
    rng = np.random.default_rng(a.seed)
    prompts = [rng.integers(0, reference.vocab, a.tokens).tolist() for _ in range(a.prompts)]
    exact = [reference.logprobs(ids)[:-1] for ids in prompts]

    def drift(rows):
        return float(torch.cat([(e.exp() * (e - r)).sum(-1) for e, r in zip(exact, rows)]).mean())

    ours, theirs = drift(cairn(a.url.rstrip("/"), prompts, reference.vocab)), drift(llama_cpp(a.gguf, prompts, reference.vocab))
    print(f"{a.gguf}: KL divergence Cairn {ours:.3e}, llama.cpp {theirs:.3e}, ratio {ours / theirs:.3f}")


if __name__ == "__main__":
    main()
