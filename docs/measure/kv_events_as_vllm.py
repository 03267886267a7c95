"""What a consumer of vLLM's KV events understands of a Cairn worker: it decodes with structures as vLLM declares them (msgspec),
computes every block's hash anew from the tokens, asks for everything again, and compares.

usage: kv_events_as_vllm.py EVENTS REPLAY COMPLETIONS_URL MODEL [array]

EVENTS, REPLAY   tcp://host:port of a worker started with cairn.kv-events.publish=cairn (or vllm; vllm-array and `array` here)
COMPLETIONS_URL  http://host:port/v1/completions of the same worker; it is sent prompts that fill blocks and repeat them

Needs PyPI msgspec and pyzmq.
"""
import hashlib
import json
import sys
import threading
import time
import urllib.request
from typing import Any, Optional, Union

import msgspec
import zmq

ARRAY = sys.argv[5:] == ["array"]
FORM = dict(array_like=True) if ARRAY else {}
END = (-1).to_bytes(8, "big", signed=True)


class Event(msgspec.Struct, omit_defaults=True, gc=False, tag=True, **FORM):
    pass


class BlockStored(Event):
    block_hashes: list[Union[bytes, int]]
    parent_block_hash: Optional[Union[bytes, int]]
    token_ids: list[int]
    block_size: int
    lora_id: Optional[int]
    medium: Optional[str]
    lora_name: Optional[str]
    extra_keys: Optional[list[Optional[tuple[Any, ...]]]] = None
    group_idx: Optional[int] = None
    kv_cache_spec_kind: Optional[str] = None
    kv_cache_spec_sliding_window: Optional[int] = None


class BlockRemoved(Event):
    block_hashes: list[Union[bytes, int]]
    medium: Optional[str]
    group_idx: Optional[int] = None


class AllBlocksCleared(Event):
    pass


class Batch(msgspec.Struct, array_like=True, omit_defaults=True, gc=False):
    ts: float
    events: list[Union[BlockStored, BlockRemoved, AllBlocksCleared]]
    data_parallel_rank: Optional[int] = None


DECODER = msgspec.msgpack.Decoder(type=Batch)


def head(major, n):
    if n < 24:
        return bytes([major << 5 | n])
    for bits, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if n < 1 << 8 * size:
            return bytes([major << 5 | bits]) + n.to_bytes(size, "big")


def text(s):
    return head(3, len(s.encode())) + s.encode()


def block_hash(parent, tokens, salt):
    keys = b"\xf6" if salt is None else head(4, 1) + head(4, 2) + text("cache_salt") + text(salt)
    cbor = head(4, 3) + head(2, 32) + parent + head(4, len(tokens)) + b"".join(head(0, t) for t in tokens) + keys
    return hashlib.sha256(cbor).digest()


def listen(address, messages, ready):
    socket = zmq.Context.instance().socket(zmq.SUB)
    socket.setsockopt(zmq.SUBSCRIBE, b"")
    socket.connect(address)
    ready.set()
    while True:
        messages.append(socket.recv_multipart())


def replay(address):
    socket = zmq.Context.instance().socket(zmq.DEALER)
    socket.connect(address)
    socket.send_multipart([b"", (0).to_bytes(8, "big")])
    answers = []
    while True:
        if not socket.poll(10_000):
            sys.exit("no answer to a replay")
        _, topic, sequence, payload = socket.recv_multipart()
        if sequence == END and payload == b"":
            return answers
        answers.append([topic, sequence, payload])


def complete(url, model, prompt):
    body = json.dumps(dict(model=model, prompt=prompt, max_tokens=8, temperature=0)).encode()
    request = urllib.request.Request(url, body, {"content-type": "application/json"})
    return json.load(urllib.request.urlopen(request))["usage"]


def main():
    events, replays, url, model = sys.argv[1:5]
    messages, ready = [], threading.Event()
    threading.Thread(target=listen, args=(events, messages, ready), daemon=True).start()
    ready.wait()
    time.sleep(1)
    for n in range(6):
        print("usage", complete(url, model, "%d stones mark the way. " % (n % 3) * 12))
    time.sleep(1)
    again = replay(replays)
    sequences = [int.from_bytes(m[1], "big") for m in again]
    assert sequences == list(range(len(sequences))), sequences
    assert messages and messages == [m for m in again if m in messages], "stream and replay differ"
    root = hashlib.sha256(text("vllm-none-hash")).digest()
    whole, held, checked = {}, {}, 0
    for topic, _, payload in again:
        for event in DECODER.decode(payload).events:
            if isinstance(event, BlockStored):
                salt = event.extra_keys[0][-1] if event.extra_keys else None
                parent = root if event.parent_block_hash is None else whole[event.parent_block_hash]
                size = event.block_size
                for i, published in enumerate(event.block_hashes):
                    if event.token_ids:
                        parent = block_hash(parent, event.token_ids[i * size:(i + 1) * size],
                                            salt if event.parent_block_hash is None and i == 0 else None)
                        computed = parent if isinstance(published, bytes) else int.from_bytes(parent[-8:], "big")
                        assert published == computed, "hash of block %d" % i
                        whole[published] = parent
                        checked += 1
                    held[event.medium, published] = held.get((event.medium, published), 0) + 1
            elif isinstance(event, BlockRemoved):
                for published in event.block_hashes:
                    held[event.medium, published] -= 1
            else:
                held.clear()
    print("topic %s, %d batches heard, %d asked for again, %d hashes computed anew and equal, blocks held: %s" % (
        again[0][0].decode(), len(messages), len(again), checked,
        {m: sum(1 for (medium, _), n in held.items() if medium == m and n) for m in {m for m, _ in held}}))


if __name__ == "__main__":
    main()
