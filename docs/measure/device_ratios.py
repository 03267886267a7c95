#!/usr/bin/env python3
"""What an engine reaches of what its device can do: device_rates.sh gives both files.

    device_ratios.py RATES ENGINE

RATES: lines "name, value, unit" of MeasureDevice. ENGINE: the JSON of `cairn bench engine`. The shape is Llama 3.1 8B in
bfloat16 unless --parameters (of all matrices but the embedding) and --kv-bytes (of a token) say otherwise.
"""

import argparse
import json


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("rates")
    parser.add_argument("engine")
    parser.add_argument("--parameters", type=float, default=7.505e9)
    parser.add_argument("--kv-bytes", type=float, default=131072)
    parser.add_argument("--bytes-per-parameter", type=float, default=2)
    given = parser.parse_args()
    rates = {}
    with open(given.rates, encoding="utf-8") as lines:
        for line in lines:
            if not line.startswith("#"):
                name, value, _ = line.rstrip("\n").split("\t")
                rates[name] = float(value)
    with open(given.engine, encoding="utf-8") as file:
        report = json.load(file)
    weights = given.parameters * given.bytes_per_parameter
    print(report["machine"]["subject"])
    for result in report["results"]:
        name, rate = result["case"], result["value"]
        kind, _, shape = name.partition("-")
        if rate is None:
            continue
        if kind == "decode":
            streams, _, context = shape.partition("@")
            count = int(streams)
            moved = weights + count * given.kv_bytes * int(context or 64)
            share = moved * rate / count / (rates["copy-kernel"] * 1e9)
            print(f"{name}: {rate:.1f} tokens/s, {share:.1%} of the copy kernel's bytes per second")
        elif kind == "prefill":
            share = 2 * given.parameters * rate / (rates["square-product"] * 1e12)
            print(f"{name}: {rate:.1f} tokens/s, {share:.1%} of the square product's rate, attention not counted")
    print(f"blocks out: {rates['blocks-out'] / rates['link-out']:.1%} of the link")


main()
