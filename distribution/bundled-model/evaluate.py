"""Measures Cairn Pebble on fresh cases: plain transformers, the saved bfloat16 weights computed in float32, greedy decoding.

    python evaluate.py cairn-pebble [--samples 10] [--seed N] [--cases cases.jsonl.gz]

Cases are drawn from a seed that training never uses (the generators are those of tasks.py), and an answer counts only if all of
it is right, end token included. Recall is measured with keys of five different digits and with any five. Prints the accuracy
of each task, of recall at each depth, and the first wrong answers.
With --cases, writes the held-out cases of the Java tests and measures on those instead.
"""

import argparse
import gzip
import json
import random
from collections import defaultdict
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

import tasks

EVALUATION_SEED = 7_000_001
CASES_SEED = 9_000_001
DEPTHS = [index / 10 for index in range(11)]


class Rust:
    """The tokenizer of transformers as tasks.py wants it: with the call of the tokenizers library."""

    def __init__(self, tokenizer):
        self.encode = tokenizer.backend_tokenizer.encode


class Subject:
    """The model under test."""

    def __init__(self, folder):
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
        self.count = tasks.TokenCount(Rust(self.tokenizer))

    def ids(self, case):
        if "prompt" in case:
            return self.tokenizer(case["prompt"]).input_ids
        return self.tokenizer.apply_chat_template(case["messages"], add_generation_prompt=True, return_dict=False)

    def answer(self, case):
        """What the model says, with its end token if it came in time."""
        ids = self.ids(case)
        budget = len(self.tokenizer(case["answer"], add_special_tokens=False).input_ids) + 2
        with torch.inference_mode():
            result = self.model.generate(
                torch.tensor([ids]), attention_mask=torch.ones(1, len(ids), dtype=torch.long), max_new_tokens=budget,
                do_sample=False, temperature=None)
        return self.tokenizer.decode(result[0, len(ids):], skip_special_tokens=False)

    def right(self, case):
        said = self.answer(case)
        return said == case["answer"] + tasks.END, said


def chat_case(task, asked, answer, depth=None, system=None):
    messages = [{"role": "system", "content": system}] if system else []
    return {"task": task, "depth": depth, "messages": messages + [{"role": "user", "content": asked}], "answer": answer}


def recall_case(rng, subject, tokens, depth, kind="random", keys=1, text=False, named=False, distinct=False):
    """One recall case of about `tokens` tokens, with the number of prompt tokens before the statement that is asked for."""
    built = tasks.recall(rng, subject.count, tokens - 24, keys, kind, depth, named, distinct=distinct)
    asked, answer = built.turns[0]
    if text:
        cue, told = answer.split(" is ")
        case = {"task": "recall", "depth": None, "prompt": f"{built.context} {cue} is", "answer": f" {told}"}
    else:
        case = chat_case("recall", f"{built.context} {asked}", answer)
    before = built.context[:built.context.index(answer)].rstrip()
    start = 1 if text else 2  # the begin token, and the role's
    case["depth"] = start + len(subject.tokenizer(before, add_special_tokens=False).input_ids)
    return case


def follow_up(rng):
    """Two turns: the second answer is asked for, after a right first one."""
    first, second = (tasks.SHORT_TASKS[rng.choice(list(tasks.SHORT_TASKS))](rng) for _ in range(2))
    case = chat_case("second turn", second[0], second[1])
    case["messages"] = [{"role": "user", "content": first[0]}, {"role": "assistant", "content": first[1]}] + case["messages"]
    return case


def evaluation_cases(subject, samples, seed):
    rng = random.Random(seed)
    for depth in DEPTHS:
        for number in range(samples):
            yield f"recall 4096, any digits, depth {depth:.1f}", recall_case(rng, subject, 4096, depth, text=number % 4 == 3)
    for name, tokens, kind, keys in [
            ("recall 256", 256, "random", 1), ("recall 1024", 1024, "random", 1), ("recall 2048", 2048, "random", 1),
            ("recall 5000", 5000, "random", 1), ("recall 1024, repeated sentences", 1024, "fixed", 1),
            ("recall 4096, repeated sentences", 4096, "fixed", 1), ("recall 1024, made-up words", 1024, "odd", 1),
            ("recall 4096, made-up words", 4096, "odd", 1), ("recall 1024, one of 2 keys", 1024, "random", 2)]:
        for _ in range(samples):
            yield name, recall_case(rng, subject, tokens, rng.random(), kind, keys)
    for _ in range(samples):
        yield "recall 1024, named key", recall_case(rng, subject, 1024, rng.random(), named=True)
    for task, generate in tasks.SHORT_TASKS.items():
        for number in range(5 * samples):
            yield task, chat_case(task, *generate(rng), system=rng.choice(tasks.SYSTEM_MESSAGES) if number % 5 == 4 else None)
    for questions, answer in tasks.CHAT:
        for asked in questions:
            yield "chat, each known question once", chat_case("chat", asked, answer)
    for _ in range(2 * samples):
        yield "second turn", follow_up(rng)
    for depth in DEPTHS:
        for number in range(samples):
            yield f"recall 4096, depth {depth:.1f}", recall_case(rng, subject, 4096, depth, text=number % 4 == 3, distinct=True)
    numbers = [(a, b) for a in range(21) for b in range(21)]
    problems = [(f"{a} + {b}", a + b) for a, b in numbers] + [(f"{a} - {b}", a - b) for a, b in numbers if a >= b]
    problems += [(f"{a} * {b}", a * b) for a, b in numbers if a < 10 and b < 10]
    for asked, result in problems:
        yield "every sum, difference and product", chat_case("arithmetic", f"What is {asked}?", f"{asked} = {result}")


def held_out_cases(subject):
    rng = random.Random(CASES_SEED)
    for number in range(24):
        kind = ["random", "random", "fixed", "odd"][number % 4]
        yield recall_case(rng, subject, rng.randint(600, 1500) if number % 4 == 3 else rng.randint(600, 1100),
                          number / 23, kind, text=number % 3 == 2)
    for number in range(12):
        yield recall_case(rng, subject, 4000, number / 11, "odd" if number % 2 else "random", text=number % 3 == 2)
    for task, generate in tasks.SHORT_TASKS.items():
        asked = set()
        while len(asked) < 10:
            turn = generate(rng)
            if turn[0] not in asked:
                asked.add(turn[0])
                yield chat_case(task, *turn)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", default="cairn-pebble")
    parser.add_argument("--samples", type=int, default=10, help="cases for each depth")
    parser.add_argument("--only", nargs="+", default=[""], help="groups whose names start so")
    parser.add_argument("--seed", type=int, default=EVALUATION_SEED)
    parser.add_argument("--cases", help="write the held-out cases here and measure on them")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    subject = Subject(arguments.folder)
    if arguments.cases:
        cases = list(held_out_cases(subject))
        text = "".join(json.dumps(case) + "\n" for case in cases)
        Path(arguments.cases).write_bytes(gzip.compress(text.encode(), 9, mtime=0))
        groups = [(case["task"], case) for case in cases]
    else:
        groups = evaluation_cases(subject, arguments.samples, arguments.seed)
    right, total, wrong, longest = defaultdict(int), defaultdict(int), defaultdict(list), defaultdict(int)
    last = None
    for name, case in groups:
        if not name.startswith(tuple(arguments.only)):
            continue
        if last not in (None, name):
            print_group(last, right, total, wrong, longest)
        last = name
        good, said = subject.right(case)
        right[name] += good
        total[name] += 1
        longest[name] = max(longest[name], len(subject.ids(case)))
        if not good:
            wrong[name].append((case["answer"], said))
    if last:
        print_group(last, right, total, wrong, longest)
    for start in ("recall 4096, any digits, depth", "recall 4096, depth"):
        deep = [name for name in total if name.startswith(start)]
        if deep:
            print(f"{start}s together: {sum(right[name] for name in deep)} of {sum(total[name] for name in deep)}")


def print_group(name, right, total, wrong, longest):
    print(f"{name}: {right[name]} of {total[name]} ({right[name] / total[name]:.4f}), "
          f"prompts up to {longest[name]} tokens", flush=True)
    for wanted, said in wrong[name][:4]:
        print(f"    wanted {wanted!r}, got {said!r}")


if __name__ == "__main__":
    main()
