#!/usr/bin/env python3
"""Token masks of JSON schemas beside llguidance's, on MaskBench, with one vocabulary for both.

    pip install llguidance tokenizers numpy
    masks_beside_llguidance.py train OUT FOLDER...          # a byte-level BPE of 128,256 entries from the source text there
    masks_beside_llguidance.py run DATA TOKENIZER [--files N] [--rounds 1] [--json] [--failures FILE]

DATA is the folder maskbench/data of github.com/guidance-ai/jsonschemabench. Both sides get the same files in the same
order, each on one thread, and are alternated where there are several rounds. llguidance is asked as MaskBench's own
runner asks it; the time of a token is that of its mask and its acceptance on both sides. Times count over the files
that both compile.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
CAIRN = os.path.join(HERE, "..", "..", "cairn")
ENTRIES, SPECIAL = 128_256, 256
MOST_BYTES, MOST_FILE = 150 << 20, 1 << 20
ENDINGS = (".py", ".pyi", ".md", ".rst", ".txt", ".json", ".c", ".h", ".cpp", ".hpp", ".java", ".js", ".ts", ".rs", ".go", ".yaml", ".toml")
# Llama 3's
SPLIT = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
         r"|\s+(?!\S)|\s+")


def source_texts(folders):
    total = 0
    for folder in folders:
        for parent, inner, names in os.walk(folder):
            inner.sort()
            for name in sorted(names):
                path = os.path.join(parent, name)
                if not name.endswith(ENDINGS) or os.path.islink(path) or os.path.getsize(path) > MOST_FILE:
                    continue
                with open(path, encoding="utf-8", errors="ignore") as file:
                    text = file.read()
                total += len(text)
                yield text
                if total > MOST_BYTES:
                    return


def train(out, folders):
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(SPLIT), behavior="isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=ENTRIES - SPECIAL, show_progress=sys.stderr.isatty(),
                                  initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train_from_iterator(source_texts(folders), trainer)
    names = ["<|begin_of_text|>", "<|end_of_text|>"] + [f"<|reserved_{i}|>" for i in range(SPECIAL - 2)]
    tokenizer.add_special_tokens([AddedToken(name, special=True, normalized=False) for name in names])
    os.makedirs(out, exist_ok=True)
    tokenizer.save(os.path.join(out, "tokenizer.json"))
    with open(os.path.join(out, "tokenizer_config.json"), "w") as file:
        json.dump(dict(tokenizer_class="PreTrainedTokenizerFast", bos_token=names[0], eos_token=names[1]), file)
    print(f"{tokenizer.get_vocab_size()} entries in {out}")


def cairn(data, tokenizer, files):
    """Verdict and times in nanoseconds per file."""
    with tempfile.TemporaryDirectory() as folder:
        details = os.path.join(folder, "details")
        command = [CAIRN, "bench", "grammar", data, "--tokenizer", tokenizer, "--details", details, "--json"]
        if files:
            command += ["--files", str(files)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        with open(details) as lines:
            return {each["file"]: each for each in map(json.loads, lines)}


def llguidance(data, tokenizer, names):
    import llguidance as llg
    from llguidance.numpy import allocate_token_bitmask, fill_next_token_bitmask
    from tokenizers import Tokenizer
    path = os.path.join(tokenizer, "tokenizer.json")
    own = Tokenizer.from_file(path)
    end = own.token_to_id("<|end_of_text|>")
    with open(path) as file:
        vocabulary = llg.LLTokenizer(file.read(), eos_token=end)
    mask = allocate_token_bitmask(1, vocabulary.vocab_size)
    clock = time.perf_counter_ns
    results = {}
    for name in names:
        with open(os.path.join(data, name)) as file:
            case = json.load(file)
        begin = clock()
        matcher = llg.LLMatcher(vocabulary, json.dumps({"grammars": [{"json_schema": case["schema"]}]}))
        if matcher.is_error():
            results[name] = dict(file=name, verdict="REFUSED", why=matcher.get_error()[:300], first=0, masks=[])
            continue
        fill_next_token_bitmask(matcher.deep_copy(), mask, 0)
        first = clock() - begin
        verdict, why, times = "PASSED", "", []
        for index, test in enumerate(case["tests"]):
            run = matcher.deep_copy()
            accepted = True
            for token in own.encode(json.dumps(test["data"], ensure_ascii=False), add_special_tokens=False).ids:
                begin = clock()
                fill_next_token_bitmask(run, mask, 0)
                allowed = bool(int(mask[0, token // 32]) >> (token % 32) & 1)
                if allowed:
                    run.consume_token(token)
                times.append(clock() - begin)
                if not allowed or run.is_error():
                    accepted = False
                    break
            accepted = accepted and run.is_accepting()
            if accepted != test["valid"]:
                verdict, why = ("WRONGLY_ACCEPTED" if accepted else "WRONGLY_REJECTED"), f"tests[{index}]"
                break
        results[name] = dict(file=name, verdict=verdict, why=why, first=first, masks=times)
    return results


def times(results, names):
    import numpy
    masks = numpy.concatenate([numpy.asarray(results[name]["masks"], dtype=float) for name in names]) / 1e3
    firsts = numpy.asarray([results[name]["first"] for name in names]) / 1e3

    def described(values):
        return dict(count=len(values), average=round(float(values.mean()), 2),
                    **{f"p{q}": round(float(numpy.percentile(values, q)), 2) for q in (50, 90, 99, 99.9)},
                    max=round(float(values.max()), 1))
    return dict(first_mask_us=described(firsts), mask_us=described(masks))


def verdicts(results):
    counted = {}
    for each in results.values():
        counted[each["verdict"]] = counted.get(each["verdict"], 0) + 1
    return counted


def run(arguments):
    rounds = []
    for _ in range(arguments.rounds):
        ours = cairn(arguments.data, arguments.tokenizer, arguments.files)
        theirs = llguidance(arguments.data, arguments.tokenizer, list(ours))
        both = [name for name in ours if ours[name]["verdict"] != "REFUSED" and theirs[name]["verdict"] != "REFUSED"]
        rounds.append(dict(files=len(ours), both=len(both), cairn=dict(verdicts(ours), **times(ours, both)),
                           llguidance=dict(verdicts(theirs), **times(theirs, both))))
        if not arguments.json:
            print(json.dumps(rounds[-1], indent=1))
        if arguments.failures:
            with open(arguments.failures, "w") as file:
                for name in ours:
                    if ours[name]["verdict"] != "PASSED" or theirs[name]["verdict"] != "PASSED":
                        file.write("\t".join([name, ours[name]["verdict"], ours[name]["why"], theirs[name]["verdict"],
                                              theirs[name]["why"].replace("\n", " ").replace("\t", " ")]) + "\n")
    if arguments.json:
        print(json.dumps(rounds))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parts = parser.add_subparsers(required=True)
    part = parts.add_parser("train")
    part.add_argument("out")
    part.add_argument("folders", nargs="+")
    part.set_defaults(action=lambda given: train(given.out, given.folders))
    part = parts.add_parser("run")
    part.add_argument("data")
    part.add_argument("tokenizer")
    part.add_argument("--files", type=int, default=0)
    part.add_argument("--rounds", type=int, default=1)
    part.add_argument("--json", action="store_true")
    part.add_argument("--failures", default="")
    part.set_defaults(action=run)
    given = parser.parse_args()
    given.action(given)


if __name__ == "__main__":
    main()
