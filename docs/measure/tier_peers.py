#!/usr/bin/env python3
"""Cairn's tiers and transport beside LMCache's disk tier and server and Mooncake's transfer engine.

    pip install lmcache mooncake-transfer-engine-non-cuda torch numpy     # Debian: libibverbs1 libnuma1
    docs/measure/tier_peers.py --cairn ./cairn --folder DIR [--rounds 3] [--json FILE]

One round measures every side once, so that all sides see the same machine; the medians over the rounds are
compared at every block size: bytes per second of put and get, one caller, blocks in memory on both sides. LMCache's
disk tier is measured with O_DIRECT ("disk", as Cairn's works) and without ("cached": what was just written is read from
the page cache, so Cairn's host tier is its match). Checksums are Cairn's alone: the peers have none on these paths.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile

KIB = [64, 512, 1024, 4096, 8192]
SHARE = 256 << 20  # bytes moved per measurement at most


def lmcache_disk(folder, direct):
    """Prints {kib: [put, get]} in GB/s."""
    import asyncio
    import threading
    import time

    import torch
    from lmcache.utils import CacheEngineKey
    from lmcache.v1.config import LMCacheEngineConfig
    from lmcache.v1.memory_management import MemoryFormat
    from lmcache.v1.metadata import LMCacheMetadata
    from lmcache.v1.storage_backend.local_cpu_backend import LocalCPUBackend
    from lmcache.v1.storage_backend.local_disk_backend import LocalDiskBackend

    config = LMCacheEngineConfig.from_defaults(
        chunk_size=256, local_cpu=True, max_local_cpu_size=1.5, local_disk=folder + "/",
        max_local_disk_size=4.0, lmcache_instance_id="bench", extra_config={"use_odirect": direct})
    meta = LMCacheMetadata("m", 1, 1, 0, 0, torch.bfloat16, (1, 2, 256, 8, 256))
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    memory = LocalCPUBackend(config, meta, dst_device="cpu")
    disk = LocalDiskBackend(config, loop, memory, "cpu")
    out = {}
    for kib in KIB:
        size = kib << 10
        count = max(8, min(64, SHARE // size))
        shape = torch.Size((2, 1, 256, size // (2 * 256 * 2)))
        source = torch.randint(0, 30000, (size // 2,), dtype=torch.int16).view(torch.bfloat16).view(shape)
        keys = [CacheEngineKey("m", 1, 0, size * 10 + i, torch.bfloat16) for i in range(count)]
        objects = []
        for key in keys:
            made = memory.allocate(shape, torch.bfloat16, MemoryFormat.KV_2LTD, busy_loop=False)
            made.tensor.copy_(source)
            objects.append(made)
        done = threading.Semaphore(0)
        start = time.perf_counter()
        for key, made in zip(keys, objects):
            disk.submit_put_task(key, made, lambda _: done.release())
        for _ in keys:
            assert done.acquire(timeout=60)
        put = count * size / (time.perf_counter() - start) / 1e9
        start = time.perf_counter()
        for key in keys:
            read = disk.get_blocking(key)
            assert read is not None
            read.ref_count_down()
        get = count * size / (time.perf_counter() - start) / 1e9
        for key, made in zip(keys, objects):
            disk.remove(key)
            made.ref_count_down()
        out[kib] = [put, get]
    emit(out)


def lmcache_server():
    import socket
    import time

    import torch
    from lmcache.utils import CacheEngineKey
    from lmcache.v1.memory_management import MemoryFormat
    from lmcache.v1.protocol import ClientCommand, ClientMetaMessage, ServerMetaMessage

    probe = socket.socket()
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]
    probe.close()
    server = subprocess.Popen(
        [os.path.join(os.path.dirname(sys.executable), "lmcache_server"), "127.0.0.1", str(port), "cpu"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(480):
        try:
            wire = socket.create_connection(("127.0.0.1", port))
            break
        except OSError:
            time.sleep(0.25)

    def put(key, data, shape):
        wire.sendall(ClientMetaMessage(
            ClientCommand.PUT, key, len(data), MemoryFormat.KV_2LTD, torch.bfloat16, shape).serialize())
        wire.sendall(data)

    def get(key, into):
        wire.sendall(ClientMetaMessage(
            ClientCommand.GET, key, 0, MemoryFormat(1), torch.bfloat16, torch.Size([0, 0, 0, 0])).serialize())
        head = b""
        while len(head) < ServerMetaMessage.packlength():
            head += wire.recv(ServerMetaMessage.packlength() - len(head))
        meta = ServerMetaMessage.deserialize(head)
        view, at = memoryview(into), 0
        while at < meta.length:
            at += wire.recv_into(view[at:meta.length])
        return meta.length

    out = {}
    for kib in KIB:
        size = kib << 10
        data = os.urandom(size)
        targets = [bytearray(data) for _ in range(16)]  # each block into memory of its own, as in a cache
        shape = torch.Size((2, 1, 256, size // 1024))
        keys = [CacheEngineKey("m", 1, 0, i, torch.bfloat16) for i in range(16)]
        start, puts = time.perf_counter(), 0
        while time.perf_counter() - start < 0.8:
            put(keys[puts % 16], data, shape)
            puts += 1
        get(keys[0], targets[0])
        rate = (puts + 1) * size / (time.perf_counter() - start) / 1e9
        start, gets = time.perf_counter(), 0
        while time.perf_counter() - start < 0.8:
            block = gets % min(puts, 16)
            assert get(keys[block], targets[block]) == size
            gets += 1
        out[kib] = [rate, gets * size / (time.perf_counter() - start) / 1e9]
    server.kill()
    emit(out)


def mooncake(target=None):
    """Prints {kib: [write, read]} in GB/s, the better of single and batched transfers."""
    import time

    import numpy as np
    from mooncake.engine import TransferEngine

    size = SHARE
    memory = np.zeros(size, dtype=np.uint8)

    def engine(name):
        made = TransferEngine()
        assert made.initialize(name, "P2PHANDSHAKE", "tcp", "") == 0
        assert made.register_memory(memory.ctypes.data, size) == 0
        return made

    if target:
        made = engine("127.0.0.1:16000")
        print("PORT", made.get_rpc_port(), memory.ctypes.data, flush=True)
        sys.stdin.read()
        return
    other = subprocess.Popen([sys.executable, __file__, "--side", "mooncake-target"],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    for line in other.stdout:
        if line.startswith("PORT"):
            break
    _, port, address = line.split()
    there, peer = int(address), "127.0.0.1:" + port
    made = engine("127.0.0.1:16001")
    memory[:] = 5  # written, then wiped, then read back
    out = {}
    arrived = True
    for kib in KIB:
        block, rates = kib << 10, []
        for kind in ("write", "read"):
            single = getattr(made, "transfer_sync_" + kind)
            batch = getattr(made, "batch_transfer_sync_" + kind, None)
            best = 0
            for many in (1, 16):
                if many > 1 and batch is None:
                    continue
                start, moved = time.perf_counter(), 0
                while time.perf_counter() - start < 0.5:
                    at = [(moved + i * block) % (size - block + 1) // block * block for i in range(many)]
                    if many == 1:
                        assert single(peer, memory.ctypes.data + at[0], there + at[0], block) == 0
                    else:
                        assert batch(peer, [memory.ctypes.data + o for o in at], [there + o for o in at],
                                     [block] * many) == 0
                    moved += many * block
                best = max(best, moved / (time.perf_counter() - start) / 1e9)
            rates.append(best)
            arrived &= memory[0] == 5
            memory[:] = 0 if kind == "write" else 5
        out[kib] = rates
    assert arrived, "nothing was read"
    other.kill()
    emit(out)


def emit(rates):
    print("RESULT " + json.dumps(rates), flush=True)
    os._exit(0)


def side(name, *arguments):
    environment = dict(os.environ, LMCACHE_LOG_LEVEL="ERROR", LMCACHE_TRACK_USAGE="false", MC_FORCE_TCP="1",
                       MC_LOG_LEVEL="WARNING", GLOG_minloglevel="2")
    ran = subprocess.run([sys.executable, __file__, "--side", name, *arguments], env=environment,
                         capture_output=True, text=True)
    for line in ran.stdout.splitlines():
        if line.startswith("RESULT "):
            return {int(kib): rates for kib, rates in json.loads(line[7:]).items()}
    sys.exit(f"{name} gave no result:\n{ran.stdout}\n{ran.stderr}")


def cairn(launcher, folder):
    ran = subprocess.run([launcher, "bench", "tiers", "--folder", folder, "--runs", "1", "--json"],
                         capture_output=True, text=True)
    if ran.returncode:
        sys.exit(ran.stderr)
    return {result["case"]: (result["value"], result["unit"]) for result in json.loads(ran.stdout)["results"]}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--side")
    parser.add_argument("--cairn", default="./cairn")
    parser.add_argument("--folder", default=".")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json")
    parser.add_argument("rest", nargs="*")
    given = parser.parse_args()
    if given.side == "lmcache-disk":
        return lmcache_disk(given.rest[0], given.rest[1] == "direct")
    if given.side == "lmcache-server":
        return lmcache_server()
    if given.side == "mooncake":
        return mooncake()
    if given.side == "mooncake-target":
        return mooncake(target=True)
    rounds = []
    for number in range(given.rounds):
        measured = {"cairn": cairn(given.cairn, given.folder)}
        with tempfile.TemporaryDirectory(dir=given.folder) as folder:
            measured["lmcache-disk"] = side("lmcache-disk", folder, "direct")
        with tempfile.TemporaryDirectory(dir=given.folder) as folder:
            measured["lmcache-cached"] = side("lmcache-disk", folder, "buffered")
        measured["lmcache-server"] = side("lmcache-server")
        measured["mooncake"] = side("mooncake")
        rounds.append(measured)
        print(f"round {number + 1} of {given.rounds}", file=sys.stderr)
    if given.json:
        with open(given.json, "w") as out:
            json.dump(rounds, out, indent=1)
    report(rounds)


def report(rounds):
    print(f"{'peer':16} {'KiB':>5} {'way':4} {'peer GB/s':>9} {'case of cairn':24} {'GB/s':>7} {'ratio':>6}")
    pairs = [("lmcache-disk", "disk"), ("lmcache-cached", "host"), ("lmcache-server", "peer-tcp"), ("lmcache-server", "peer-shared-memory"),
             ("mooncake", "peer-tcp"), ("mooncake", "peer-shared-memory")]
    for peer, tier in pairs:
        for kib in KIB:
            for index, way in enumerate(("put", "get")):
                # Members pull and never push.
                case = f"{tier}-{way}-{kib}k" if "peer" not in tier else f"{tier}-{kib}k"
                if "peer" in tier and way == "put":
                    continue
                ours = [r["cairn"][case][0] / 1000 for r in rounds if case in r["cairn"]]
                if not ours:
                    continue
                theirs = statistics.median(r[peer][kib][index] for r in rounds)
                value = statistics.median(ours)
                print(f"{peer:16} {kib:5} {way:4} {theirs:9.2f} {case:24} {value:7.2f} {value / theirs:6.2f}")


if __name__ == "__main__":
    main()
