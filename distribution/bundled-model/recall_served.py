#!/usr/bin/env python3
"""Recall by depth over HTTP: fresh cases of about 4,080 tokens against a running Cairn that serves the model.

    python recall_served.py --url http://127.0.0.1:8080 [--distinct 6] [--any 26] [--seed 777]

--distinct and --any are cases per depth (0, 0.1, ..., 1.0) with keys of five different digits and of any five.
"""
import argparse
import collections
import json
import os
import random
import urllib.request
from concurrent.futures import ThreadPoolExecutor

from tokenizers import Tokenizer

import tasks


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--url", default="http://127.0.0.1:8080")
    p.add_argument("--distinct", type=int, default=6)
    p.add_argument("--any", type=int, default=26)
    p.add_argument("--seed", type=int, default=777)
    a = p.parse_args()
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "cairn-pebble")
    count = tasks.TokenCount(Tokenizer.from_file(os.path.join(folder, "tokenizer.json")))
    rng, cases = random.Random(a.seed), []
    for kind, number in (("five different digits", a.distinct), ("any five digits", a.any)):
        for depth in range(11):
            for _ in range(number):
                case = tasks.recall(rng, count, 4050, 1, "random", depth / 10, False, distinct=kind.startswith("five"))
                question, answer = case.turns[0]
                cases.append((kind, depth / 10, f"{case.context} {question}", answer))

    def ask(case):
        body = dict(messages=[dict(role="user", content=case[2])], max_tokens=24)
        request = urllib.request.Request(a.url + "/v1/chat/completions", json.dumps(body).encode(), {"Content-Type": "application/json"})
        return json.load(urllib.request.urlopen(request, timeout=300))["choices"][0]["message"]["content"] == case[3]

    right, asked = collections.Counter(), collections.Counter()
    with ThreadPoolExecutor(4) as executor:
        for case, good in zip(cases, executor.map(ask, cases)):
            right[case[:2]] += good
            asked[case[:2]] += 1
    for kind in dict.fromkeys(key[0] for key in asked):
        keys = [key for key in asked if key[0] == kind]
        print(f"{kind}: {sum(right[k] for k in keys)} of {sum(asked[k] for k in keys)};",
              ", ".join(f"{k[1]}: {right[k]}/{asked[k]}" for k in keys))


if __name__ == "__main__":
    main()
