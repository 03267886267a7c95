#!/usr/bin/env python3
"""Output tokens per second of a running server: one stream after the other, then many at once. Standard library only.

    python throughput.py --url http://127.0.0.1:8080 [--streams 32] [--prompt 64] [--out 64]

Prompts are random token ids, greedy, end of sequence ignored; tokens are counted by the usage block. Says whether
both ways gave the same tokens.
"""
import argparse
import json
import random
import threading
import time
import urllib.request


def call(url, body=None):
    data = None if body is None else json.dumps(body).encode()
    return json.load(urllib.request.urlopen(urllib.request.Request(url, data, {"Content-Type": "application/json"}), timeout=600))


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--url", default="http://127.0.0.1:8080")
    p.add_argument("--streams", type=int, default=32)
    p.add_argument("--prompt", type=int, default=64)
    p.add_argument("--out", type=int, default=64)
    a = p.parse_args()
    model = call(a.url + "/v1/models")["data"][0]["id"]
    rng = random.Random(1)
    prompts = [[rng.randrange(6, 500) for _ in range(a.prompt)] for _ in range(a.streams)]

    def ask(prompt):
        body = dict(model=model, prompt=prompt, max_tokens=a.out, temperature=0, ignore_eos=True, return_token_ids=True)
        return call(a.url + "/v1/completions", body)

    def alone():
        return [ask(prompt) for prompt in prompts]

    def together():
        answers = [None] * len(prompts)
        threads = [threading.Thread(target=lambda i=i: answers.__setitem__(i, ask(prompts[i]))) for i in range(len(prompts))]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        return answers

    together()
    rates = {}
    tokens = {}
    for name, way in (("one at a time", alone), (f"{a.streams} at once", together)):
        start = time.perf_counter()
        answers = way()
        seconds = time.perf_counter() - start
        rates[name] = sum(r["usage"]["completion_tokens"] for r in answers) / seconds
        tokens[name] = [r["choices"][0]["token_ids"] for r in answers]
        print(f"{name}: {rates[name]:.1f} output tokens/s")
    first, second = rates.values()
    same = len({json.dumps(t) for t in tokens.values()}) == 1
    print(f"ratio {second / first:.2f}, tokens {'the same' if same else 'DIFFERENT'}")


if __name__ == "__main__":
    main()
