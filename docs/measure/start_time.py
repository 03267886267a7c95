#!/usr/bin/env python3
"""Seconds from starting `cairn serve` (bundled model) to the first 200 of a completion, and resident memory a second later.

    python start_time.py ./cairn [PORT]          CAIRN_AOT=off in the environment leaves the AOT cache out

Six starts, of which the first is not counted. Linux only: memory is read from /proc.
"""
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request


def once(cairn, port):
    body = json.dumps({"prompt": "Hello", "max_tokens": 1}).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}/v1/completions", body, {"Content-Type": "application/json"})
    start = time.perf_counter()
    server = subprocess.Popen([cairn, "serve", "--port", port], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while True:
        try:
            if urllib.request.urlopen(request, timeout=5).status == 200:
                break
        except (OSError, urllib.error.URLError):
            if server.poll() is not None:
                sys.exit("cairn serve ended")
        time.sleep(0.005)
    seconds = time.perf_counter() - start
    time.sleep(1)
    with open(f"/proc/{server.pid}/status") as status:  # the launcher has become java by exec
        memory = int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1)) / 1024
    server.send_signal(signal.SIGTERM)
    server.wait()
    return seconds, memory


runs = [once(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "18120") for _ in range(6)][1:]
seconds, memory = sorted(r[0] for r in runs), sorted(r[1] for r in runs)
print(f"first 200: {seconds[2]:.2f} s ({seconds[0]:.2f} .. {seconds[-1]:.2f}), {memory[2]:.0f} MiB, load {os.getloadavg()[0]:.1f}")
