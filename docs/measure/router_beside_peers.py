"""CPU, latency and memory of routers before the same two backends, in turns.

usage: router_beside_peers.py --bench FOLDER --cairn ./cairn [--peer 'NAME=COMMAND'] [--rounds 2] [--policy kv-aware]

FOLDER has two programs and bodies (short.json, long.json, longuniq.json, stream.json):
  backend -listen HOST:PORT            answers every request at once; /ctl?n=EVENTS&pace=MICROSECONDS sets its event streams
  lg -a HOST:PORT -body FILE -c N ...  closed-loop load; prints a line with cpu_us/req, p50us, cpu_us/ev, rssMB of -pids
COMMAND has {port} and {urls} (separated by spaces). Medians over the rounds are printed, with the ratio to the best peer.
"""

import argparse
import os
import re
import shlex
import signal
import statistics
import subprocess
import sys
import time
import urllib.request

CASES = [
    ("c=1", ["-body", "short.json", "-c", "1", "-d", "2s"], "cpu_us/req"),
    ("c=16", ["-body", "short.json", "-c", "16", "-d", "2s"], "cpu_us/req"),
    ("c=64", ["-body", "short.json", "-c", "64", "-d", "2s"], "cpu_us/req"),
    ("long, shared", ["-body", "long.json", "-uniq", "-c", "16", "-d", "2s"], "cpu_us/req"),
    ("long, distinct", ["-body", "longuniq.json", "-uniq", "-c", "16", "-n", "100"], "cpu_us/req"),
    ("events, bulk", ["-stream", "-body", "stream.json", "-c", "64", "-n", "4"], "cpu_us/ev"),
    ("events, paced", ["-stream", "-body", "stream.json", "-c", "64", "-n", "2"], "cpu_us/ev"),
]
PACE = {"events, bulk": (500, 0), "events, paced": (200, 10_000)}


def wait(port, path="/v1/models", seconds=60):
    until = time.time() + seconds
    while time.time() < until:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=2).read()
            return
        except OSError:
            time.sleep(0.2)
    sys.exit(f"nothing answers on port {port}")


def figures(line):
    return {key: float(value) for key, value in re.findall(r"(\S+)=([0-9.]+)", line)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bench", required=True)
    parser.add_argument("--cairn", required=True)
    parser.add_argument("--peer", action="append", default=[])
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--policy", default="kv-aware")
    parser.add_argument("--base-port", type=int, default=19100)
    parser.add_argument("--idle", type=int, default=2000, help="idle streams to hold; 0 = none")
    options = parser.parse_args()
    bench = os.path.abspath(options.bench)
    base = options.base_port
    backends = [base, base + 1]
    urls = [f"http://127.0.0.1:{port}" for port in backends]
    commands = {
        "cairn": f"{shlex.quote(os.path.abspath(options.cairn))} serve --role router --port {{port}}"
        f" --set cairn.remote.workers={','.join(urls)} --set cairn.remote.policy={options.policy}"
    }
    for peer in options.peer:
        name, command = peer.split("=", 1)
        commands[name] = command
    running = []
    seen = {name: {case: [] for case, _, _ in CASES} for name in commands}
    try:
        for port in backends:
            running.append(
                subprocess.Popen([f"{bench}/backend", "-listen", f"127.0.0.1:{port}"], stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL))
            wait(port)
        pids = {}
        ports = {}
        for i, (name, command) in enumerate(commands.items()):
            ports[name] = base + 10 + i
            words = shlex.split(command.format(port=ports[name], urls=" ".join(urls)))
            process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, process_group=0)
            running.append(process)
            pids[name] = process.pid
            wait(ports[name])

        def load(name, arguments):
            words = [f"{bench}/lg", "-l", name, "-a", f"127.0.0.1:{ports[name]}", "-pids", str(pids[name]), *arguments]
            return subprocess.run(words, cwd=bench, capture_output=True, text=True, check=True).stdout

        def pace(case):
            events, micros = PACE.get(case, (500, 0))
            for port in backends:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/ctl?n={events}&pace={micros}").read()

        # A first round warms up whoever compiles while it runs.
        for turn in range(options.rounds + 1):
            for case, arguments, _ in CASES:
                pace(case)
                for name in commands:
                    found = figures(load(name, arguments))
                    if turn > 0:
                        seen[name][case].append(found)
        print(f"{'case':16}" + "".join(f"{name:>30}" for name in commands) + "   cairn / best peer")
        for case, _, key in CASES:
            medians = {name: statistics.median(f[key] for f in seen[name][case]) for name in commands}
            p50 = {name: statistics.median(f["p50us"] for f in seen[name][case]) for name in commands}
            rss = {name: max(f["rssMB"] for f in seen[name][case]) for name in commands}
            peers = [value for name, value in medians.items() if name != "cairn"]
            ratio = f"{medians['cairn'] / min(peers):.2f}" if peers else "-"
            cells = "".join(f"{medians[n]:9.1f} us {p50[n]:9.0f} p50 {rss[n]:4.0f}M" for n in commands)
            print(f"{case:16}{cells}   {ratio}")
        if options.idle:
            for port in backends:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/ctl?n=4&pace=12000000").read()
            for name in commands:
                text = load(name, ["-body", "stream.json", "-c", str(options.idle), "-hold", "12s", "-ramp", "1ms"])
                before, during = (float(re.search(rf"{when}: rssMB=([0-9.]+)", text)[1]) for when in ("before", "during"))
                print(f"idle streams    {name:>12}: {(during - before) * 1024 / options.idle:.1f} KB each of {options.idle}")
        print("load average", os.getloadavg())
    finally:
        for process in running:
            try:
                if os.getpgid(process.pid) == process.pid:
                    os.killpg(process.pid, signal.SIGTERM)
                else:
                    process.terminate()
            except ProcessLookupError:
                pass


if __name__ == "__main__":
    main()
