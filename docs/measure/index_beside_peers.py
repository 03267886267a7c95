"""The prefix index beside Dynamo's and smg's, in turns, so that a busy machine is busy for all.

usage: index_beside_peers.py CAIRN EVENTS PEER [ROUNDS]

CAIRN   the `cairn` script of a built checkout
EVENTS  an event file as `cairn bench index --help` describes it
PEER    a program that takes EVENTS and `crtc` (dynamo-kv-router's ConcurrentRadixTreeCompressed) or `chain` (kv-index's
        ChainIndex), and prints lines like "NAME ingest-1t rep0: ... = 14.2 Mblock-ops/s" and "NAME lookup-1t rep0: ...
        = 480000 lookups/s ... p50 1.60us p99 3.40us p99.9 9.10us score-sum N"; rates by the CPU time of
        the one thread, if it prints them, are "... ingest-cpu rep0: 14.2 Mblock-ops/cpu-s" and "... lookup-cpu rep0: 480000 lookups/cpu-s"

Prints the median of all rounds for each side, and who is ahead. The best of a peer's rounds within one call counts for
the peer, the median of ours for us.
"""
import json
import os
import re
import statistics
import subprocess
import sys

CASES = ["ingest", "ingest-cpu", "lookup-1t", "lookup-1t-cpu", "lookup-2t", "lookup-1t-p50", "lookup-1t-p99", "lookup-1t-p99.9"]
HIGHER_IS_BETTER = {"ingest", "ingest-cpu", "lookup-1t", "lookup-1t-cpu", "lookup-2t"}


def ours(cairn, events):
    env = dict(os.environ, CAIRN_BUILD="never")
    out = subprocess.run([cairn, "bench", "index", events, "--runs", "5", "--json"],
                         capture_output=True, text=True, check=True, env=env).stdout
    report = json.loads(out)
    return {r["case"]: r["value"] for r in report["results"]}, report["machine"]["subject"]


def theirs(peer, events, index):
    out = subprocess.run([peer, events, index, "2"], capture_output=True, text=True, check=True).stdout
    best = {}

    def take(case, value):
        known = best.get(case)
        better = max if case in HIGHER_IS_BETTER else min
        best[case] = value if known is None else better(known, value)

    for line in out.splitlines():
        by_cpu = re.search(r"(ingest|lookup)-cpu rep\d+: ([\d.]+) ", line)
        if by_cpu:
            if by_cpu.group(1) == "ingest":
                take("ingest-cpu", float(by_cpu.group(2)))
            else:
                take("lookup-1t-cpu", float(by_cpu.group(2)) / 1000)
        ingest = re.search(r" ingest-\dt rep\d+:.* ([\d.]+) Mblock-ops/s", line)
        if ingest and "ThreadPool" not in line:
            take("ingest", float(ingest.group(1)))
        lookup = re.search(r"lookup-(\d)t rep\d+:.*= (\d+) lookups/s.*p50 ([\d.]+)us p99 ([\d.]+)us p99.9 ([\d.]+)us", line)
        if lookup:
            name = "lookup-%st" % lookup.group(1)
            take(name, float(lookup.group(2)) / 1000)
            for case, value in zip(("p50", "p99", "p99.9"), lookup.groups()[2:]):
                take(name + "-" + case, float(value))
    return best


def main():
    cairn, events, peer = sys.argv[1:4]
    rounds = int(sys.argv[4]) if len(sys.argv) > 4 else 3
    seen = {"cairn": [], "crtc": [], "chain": []}
    for round_ in range(rounds):
        figures, subject = ours(cairn, events)
        seen["cairn"].append(figures)
        for index in ("crtc", "chain"):
            seen[index].append(theirs(peer, events, index))
        print("round %d, load %.1f: %s" % (round_ + 1, os.getloadavg()[0], subject), file=sys.stderr)
    print("%-18s %12s %12s %12s" % ("", *seen))
    for case in CASES:
        if any(case not in run for runs in seen.values() for run in runs):
            continue
        medians = [statistics.median(run[case] for run in runs) for runs in seen.values()]
        peers = medians[1:]
        ahead = medians[0] >= max(peers) if case in HIGHER_IS_BETTER else medians[0] <= min(peers)
        print("%-18s %12.2f %12.2f %12.2f  %s" % (case, *medians, "ahead" if ahead else "BEHIND"))
    print("entry-bytes        %12.1f" % statistics.median(run["entry-bytes"] for run in seen["cairn"]))


if __name__ == "__main__":
    main()
