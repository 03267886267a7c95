#!/usr/bin/env python3
"""Decode rates of Hugging Face transformers on a CUDA device, for the same shape as `cairn bench engine`. Never run so far: no
device was at hand.

    transformers_rates.py [--batch 1,64] [--context 2048] [--steps 128]

Random weights of Llama 3.1 8B's shape in bfloat16, a static cache, the forward pass compiled (mode "reduce-overhead", which
records CUDA graphs), greedy answers. Needs torch with CUDA and transformers 4.46 or later.
"""

import argparse
import time

import torch
from transformers import LlamaConfig, LlamaForCausalLM, StaticCache


def shape():
    return LlamaConfig(
        vocab_size=128256, hidden_size=4096, intermediate_size=14336, num_hidden_layers=32, num_attention_heads=32,
        num_key_value_heads=8, max_position_embeddings=131072, rope_theta=500000.0, tie_word_embeddings=False)


@torch.inference_mode()
def rate(model, step, batch, context, steps):
    """Tokens per second over all streams, after a prompt of random tokens."""
    cache = StaticCache(
        config=model.config, max_batch_size=batch, max_cache_len=context + 2 * steps, device="cuda", dtype=torch.bfloat16)
    prompt = torch.randint(0, model.config.vocab_size, (batch, context), device="cuda")
    position = torch.arange(context, device="cuda")
    logits = model(prompt, cache_position=position, past_key_values=cache, use_cache=True, logits_to_keep=1).logits
    token = logits[:, -1].argmax(-1, keepdim=True)
    begin = 0.0
    for i in range(2 * steps):
        if i == steps:  # compiled and recorded by now
            torch.cuda.synchronize()
            begin = time.perf_counter()
        position = torch.tensor([context + i], device="cuda")
        token = step(token, position, cache)
    torch.cuda.synchronize()
    return batch * steps / (time.perf_counter() - begin)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--batch", default="1,64")
    parser.add_argument("--context", type=int, default=2048)
    parser.add_argument("--steps", type=int, default=128)
    given = parser.parse_args()
    torch.set_default_dtype(torch.bfloat16)
    with torch.device("cuda"):
        model = LlamaForCausalLM(shape()).eval()

    def step(token, position, cache):
        logits = model(token, cache_position=position, past_key_values=cache, use_cache=True).logits
        return logits[:, -1].argmax(-1, keepdim=True).clone()

    compiled = torch.compile(step, mode="reduce-overhead", fullgraph=True)
    for batch in map(int, given.batch.split(",")):
        print(f"decode-{batch}@{given.context}: {rate(model, compiled, batch, given.context, given.steps):.1f} tokens/s")


main()
