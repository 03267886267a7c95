"""Two real vLLM engines with KV events behind `cairn serve --role router`: does routing follow what they hold, and what is it worth?

usage: vllm_behind_router.py --vllm VENV/bin/vllm --model FOLDER --cairn ./cairn [--peer VENV/bin/vllm-router] [--part follow|ttft|all]

FOLDER is a model as vLLM loads it, with tokenizer.json and a chat template; small enough for two on this machine. `follow` fills, evicts,
resets and restarts the engines behind the router's back and asks /v1/cairn/explain where prompts would find their blocks. `ttft` sends the
same requests through Cairn and through vllm-router (cache_aware) in turns, caches reset between: prompts share documents, some more often
than others, and both caches together hold them all, one alone does not. One thread per engine.
"""

import argparse
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

BLOCK = 32
WORDS = None


def call(url, body=None, timeout=120, headers=()):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json", **dict(headers)})
    return urllib.request.urlopen(request, timeout=timeout)


def read(url, body=None, **more):
    return call(url, body, **more).read()


def until(what, so, seconds=150):
    end = time.time() + seconds
    while time.time() < end:
        try:
            if so():
                return
        except OSError:
            pass
        time.sleep(0.1)
    sys.exit(f"not in {seconds} s: {what}")


class Engine:
    """A vLLM process at a port, with events at the next two."""

    def __init__(self, options, number, blocks):
        self.options, self.number, self.blocks = options, number, blocks
        self.port = options.base_port + 10 * number
        self.url = f"http://127.0.0.1:{self.port}"
        self.spelling = f"{self.url};kind=vllm;events={self.port + 1};replay={self.port + 2};name=vllm-{number}"
        self.process = None

    def start(self):
        events = {
            "enable_kv_cache_events": True,
            "publisher": "zmq",
            "endpoint": f"tcp://*:{self.port + 1}",
            "replay_endpoint": f"tcp://*:{self.port + 2}",
        }
        words = [self.options.vllm, "serve", self.options.model, "--served-model-name", "m", "--host", "127.0.0.1", "--port", str(self.port),
                 "--dtype", "bfloat16", "--enforce-eager", "--block-size", str(BLOCK), "--max-model-len", str(self.options.max_length),
                 "--max-num-seqs", "8", "--num-gpu-blocks-override", str(self.blocks), "--enable-prefix-caching",
                 "--enable-prompt-tokens-details", "--kv-events-config", json.dumps(events)]
        environment = dict(os.environ, VLLM_CPU_KVCACHE_SPACE="1", VLLM_CPU_OMP_THREADS_BIND="nobind", OMP_NUM_THREADS="1",
                           VLLM_NO_USAGE_STATS="1", HF_HUB_OFFLINE="1", VLLM_HOST_IP="127.0.0.1", GLOO_SOCKET_IFNAME="lo",
                           VLLM_LOOPBACK_IP="127.0.0.1", VLLM_SERVER_DEV_MODE="1")
        self.process = subprocess.Popen(words, env=environment, stdout=open(f"vllm-{self.number}.log", "w"), stderr=subprocess.STDOUT,
                                        process_group=0)

    def ready(self):
        until(f"vLLM {self.number} is up (its words: vllm-{self.number}.log)", lambda: read(self.url + "/health", timeout=2) is not None)

    def stop(self):
        if self.process:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            self.process.wait()

    def reset(self):
        """vLLM tells of it with its next step."""
        read(self.url + "/reset_prefix_cache", {})
        ask(self.url, "a word", tokens=1)


def document(number, words):
    r = random.Random(number)
    return " ".join(r.choice(WORDS) for _ in range(words)) + "\n"


def ask(url, text, tokens=4, request_id="-"):
    body = {"model": "m", "max_tokens": tokens, "temperature": 0, "ignore_eos": True, "messages": [{"role": "user", "content": text}]}
    answer = json.loads(read(url + "/v1/chat/completions", body, headers={"x-request-id": request_id}.items()))
    return (answer["usage"].get("prompt_tokens_details") or {}).get("cached_tokens") or 0, answer["usage"]["prompt_tokens"]


def words_of(model):
    """Words of the model's own vocabulary, so that a word is about a token."""
    vocabulary = json.load(open(os.path.join(model, "tokenizer.json")))["model"]["vocab"]
    words = [word[1:] for word in vocabulary if word[0] == "\u0120" and word[1:].isalpha() and len(word) > 3]
    return sorted(words)[:2000]


class Router:
    def __init__(self, name, port, words):
        self.name, self.url = name, f"http://127.0.0.1:{port}"
        self.process = subprocess.Popen(words, stdout=open(f"{name}.log", "w"), stderr=subprocess.STDOUT, process_group=0)
        until(f"{name} is up", lambda: read(self.url + "/v1/models", timeout=2) is not None)

    def stop(self):
        try:
            os.killpg(self.process.pid, signal.SIGTERM)
        except ProcessLookupError:
            pass


def cairn(options, engines):
    port = options.base_port + 90
    return Router("cairn", port, [os.path.abspath(options.cairn), "serve", "--role", "router", "--port", str(port),
                                  "--set", "cairn.remote.workers=" + ",".join(e.spelling for e in engines),
                                  "--set", "cairn.remote.tokenizers=" + options.model])


def vllm_router(options, engines):
    port = options.base_port + 91
    return Router("vllm-router", port, [options.peer, "--host", "127.0.0.1", "--port", str(port), "--policy", "cache_aware",
                                        "--log-level", "warning", "--worker-urls", *(e.url for e in engines)])


def follow(options, engines):
    """Every line says what happened to the engines and what the router believes then."""
    router = cairn(options, engines)
    failures = 0
    length = options.max_length // 4
    documents = [document(i, length) for i in range(4)]
    try:
        def believes(text, number):
            name = f"r{time.time_ns()}"
            cached, total = ask(router.url, text, 1, name)
            told = json.loads(read(f"{router.url}/v1/cairn/explain/{name}"))
            held = {}
            for candidate in told["candidates"]:
                held[candidate["worker"]] = sum((candidate.get("overlap") or candidate.get("overlap_blocks") or {}).values())
            return told["worker"], held, cached, total

        def check(what, text, worker, least, most):
            nonlocal failures
            chosen, held, cached, total = believes(text, 0)
            holds = (worker is None or chosen == worker) and least <= max(held.values()) * BLOCK <= most
            failures += not holds
            print(f"{'ok  ' if holds else 'MISS'} {what}: to {chosen}, blocks {held}, vLLM found {cached} of {total} tokens cached", flush=True)

        for round_ in range(options.rounds):
            salt = f"round {round_} "
            # Two engines, each told a document by somebody else.
            ask(engines[1].url, salt + documents[0])
            ask(engines[0].url, salt + documents[1])
            time.sleep(0.5)
            check("filled behind the router's back: document 0 is at 1", salt + documents[0] + "why?", "vllm-1", length // 2, 1 << 20)
            check("document 1 is at 0", salt + documents[1] + "why?", "vllm-0", length // 2, 1 << 20)
            for i in range(engines[1].blocks * BLOCK // length + 2):
                ask(engines[1].url, f"filler {round_} {i} " + document(100 + i, length), 1)
            time.sleep(0.5)
            check("document 0 was evicted at 1", salt + documents[0] + "when?", None, 0, length // 4)
            ask(engines[0].url, salt + documents[2])
            time.sleep(0.5)
            check("document 2 is at 0", salt + documents[2] + "why?", "vllm-0", length // 2, 1 << 20)
            engines[0].reset()
            time.sleep(0.5)
            check("0 was reset", salt + documents[2] + "when?", None, 0, length // 4)
            ask(engines[1].url, salt + documents[3])
            time.sleep(0.5)
            check("document 3 is at 1", salt + documents[3] + "why?", "vllm-1", length // 2, 1 << 20)
        engines[1].stop()
        engines[1].start()
        engines[1].ready()
        time.sleep(3)
        check("1 was killed and started anew", salt + documents[3] + "when?", None, 0, length // 4)
        ask(engines[1].url, documents[3] + " again")
        time.sleep(12)  # Who is just back gets a growing share only.
        check("document 3 is at 1 again", documents[3] + " again, why?", "vllm-1", length // 2, 1 << 20)
        print(read(f"{router.url}/v1/cairn/workers").decode())
    finally:
        router.stop()
    return failures


def ttft(options, engines):
    routers = [cairn(options, engines)]
    if options.peer:
        routers.append(vllm_router(options, engines))
    held = engines[0].blocks * BLOCK
    length = options.document
    count = int(1.5 * held / (length * 1.15))
    seen = {router.name: [] for router in routers}
    cached = {router.name: [] for router in routers}
    try:
        for round_ in range(options.rounds):
            for router in routers if round_ % 2 == 0 else routers[::-1]:
                for engine in engines:
                    engine.reset()
                time.sleep(1)
                times, hits = load(options, router, round_, count, length)
                seen[router.name] += times
                cached[router.name].append(hits)
                print(f"round {round_} {router.name:12} TTFT mean {statistics.mean(times) * 1000:6.0f} ms, p50 {pct(times, 50):6.0f},"
                      f" p90 {pct(times, 90):6.0f}; {hits:.0%} of prompt tokens cached", flush=True)
        for name, times in seen.items():
            print(f"{name:12} TTFT mean {statistics.mean(times) * 1000:6.0f} ms, p50 {pct(times, 50):6.0f}, p90 {pct(times, 90):6.0f};"
                  f" {statistics.mean(cached[name]):.0%} cached, {len(times)} requests, {count} documents of {length} words")
        print("load average", os.getloadavg())
    finally:
        for router in routers:
            router.stop()


def pct(values, percent):
    return sorted(values)[min(len(values) - 1, len(values) * percent // 100)] * 1000


def load(options, router, round_, count, length):
    """Closed loop; the same requests in the same order for every router."""
    r = random.Random(1000 + round_)
    weights = [1 / (1 + i) ** 0.7 for i in range(count)]
    asks = [(r.choices(range(count), weights)[0], i) for i in range(options.requests)]
    lock, times, tokens = threading.Lock(), [], [0, 0]

    def work():
        while True:
            with lock:
                if not asks:
                    return
                number, i = asks.pop(0)
            text = document(5000 + 100 * round_ + number, length) + f" question {i} of {round_}?"
            body = {"model": "m", "max_tokens": 8, "temperature": 0, "ignore_eos": True, "stream": True,
                    "stream_options": {"include_usage": True}, "messages": [{"role": "user", "content": text}]}
            began = time.perf_counter()
            first = None
            for line in call(router.url + "/v1/chat/completions", body):
                if not line.startswith(b"data: {"):
                    continue
                event = json.loads(line[6:])
                choices = event.get("choices")
                if first is None and choices and choices[0]["delta"].get("content") is not None and not choices[0]["delta"].get("role"):
                    first = time.perf_counter() - began
                if event.get("usage"):
                    usage = event["usage"]
            with lock:
                times.append(first if first is not None else time.perf_counter() - began)
                tokens[0] += (usage.get("prompt_tokens_details") or {}).get("cached_tokens") or 0
                tokens[1] += usage["prompt_tokens"]

    workers = [threading.Thread(target=work) for _ in range(options.concurrency)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return times, tokens[0] / tokens[1]


def main():
    global WORDS
    parser = argparse.ArgumentParser()
    parser.add_argument("--vllm", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--cairn", required=True)
    parser.add_argument("--peer", help="vllm-router")
    parser.add_argument("--part", default="all", choices=["follow", "ttft", "all"])
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--requests", type=int, default=60)
    parser.add_argument("--concurrency", type=int, default=4)
    parser.add_argument("--document", type=int, default=500, help="words of a shared document")
    parser.add_argument("--blocks", type=int, default=128, help=f"of {BLOCK} tokens, for each engine")
    parser.add_argument("--max-length", type=int, default=1600)
    parser.add_argument("--base-port", type=int, default=18200)
    options = parser.parse_args()
    options.model = os.path.abspath(options.model)
    WORDS = words_of(options.model)
    engines = [Engine(options, number, options.blocks) for number in range(2)]
    failures = 0
    try:
        for engine in engines:
            engine.start()
        for engine in engines:
            engine.ready()
        if options.part != "ttft":
            failures = follow(options, engines)
        if options.part != "follow":
            ttft(options, engines)
    finally:
        for engine in engines:
            engine.stop()
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
