#!/usr/bin/env python3
"""Cairn's CPU engine beside llama.cpp, in turns on one machine: prompt and answer tokens per second.

    python engine_beside_llama.py --cairn ./cairn --llama FOLDER_WITH_llama-bench_AND_llama-batched-bench --gguf FILE.gguf \\
        [--cases prefill-512,decode-1,decode-8,decode-32,decode-1@4096] [--threads 2] [--rounds 3] [--runs 1]

Both read the same file, and so the same bytes; --model and --dtype give Cairn another one. Each round runs `cairn bench
engine`, then llama-bench (prefill, and one stream at a depth) and llama-batched-bench (64 tokens read, 24 written by so many
streams). Prints medians over the rounds, their span, and the ratio of medians.
"""
import argparse
import json
import os
import re
import statistics
import subprocess


def run(command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout


def cairn(a):
    dtype = ["--dtype", a.dtype] if a.dtype else []
    out = run([a.cairn, "bench", "engine", "--model", a.model or a.gguf, *dtype, "--threads", str(a.threads), "--runs", str(a.runs),
               "--json", "--cases", a.cases])
    return {r["case"]: r["value"] for r in json.loads(out)["results"]}


def llama(a):
    values = {}
    streams = []
    for case in a.cases.split(","):
        kind, count, depth = re.fullmatch(r"(prefill|decode)-(\d+)(?:@(\d+))?", case).groups()
        if kind == "decode" and depth is None:
            streams.append(count)
            continue
        if kind == "decode" and count != "1":
            raise SystemExit("llama-bench has no " + case + ": at a depth one stream alone is compared")
        amount = ["-p", count, "-n", "0"] if kind == "prefill" else ["-p", "0", "-n", "24", "-d", depth]
        bench = run([os.path.join(a.llama, "llama-bench"), "-m", a.gguf, "-t", str(a.threads), *amount, "-r", str(a.runs), "-o", "json"])
        values[case] = json.loads(bench)[0]["avg_ts"]
    if not streams:
        return values
    batched = run([os.path.join(a.llama, "llama-batched-bench"), "-m", a.gguf, "-t", str(a.threads), "-c", "4096", "-b", "2048",
                   "-npp", "64", "-ntg", "24", "-npl", ",".join(streams)])
    for line in batched.splitlines():
        cells = [c.strip() for c in line.strip().strip("|").split("|")]
        if len(cells) >= 8 and re.fullmatch(r"\d+", cells[0]):
            values["decode-" + cells[2]] = float(cells[7])
    return values


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--cairn", required=True)
    p.add_argument("--model", help="what Cairn reads instead of the GGUF file")
    p.add_argument("--dtype")
    p.add_argument("--cases", default="prefill-512,decode-1,decode-8,decode-32")
    p.add_argument("--runs", type=int, default=1, help="of each case in a round")
    p.add_argument("--llama", required=True)
    p.add_argument("--gguf", required=True)
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--rounds", type=int, default=3)
    a = p.parse_args()
    ours, theirs = [], []
    for _ in range(a.rounds):
        print(f"load {os.getloadavg()[0]:.1f}", flush=True)
        ours.append(cairn(a))
        theirs.append(llama(a))
    print(f"{a.model or 'Cairn'} {a.dtype or ''} beside {os.path.basename(a.gguf)}, {a.threads} threads, {a.rounds} rounds, tokens/s")
    for case in ours[0]:
        mine = [r[case] for r in ours]
        line = f"  {case:14s} cairn {statistics.median(mine):8.1f} ({min(mine):.1f} .. {max(mine):.1f})"
        if case in theirs[0]:
            peer = [r[case] for r in theirs]
            line += f"   llama.cpp {statistics.median(peer):8.1f} ({min(peer):.1f} .. {max(peer):.1f})"
            line += f"   ratio {statistics.median(mine) / statistics.median(peer):.2f}"
        print(line)


if __name__ == "__main__":
    main()
