#!/usr/bin/env python3
"""What Hugging Face transformers finds by beam search, for models whose folders are given.

    pip install torch transformers==5.23.0
    python beam_oracle.py FOLDER... [--out beams.json] [--cases 12] [--seed 1]
    python beam_oracle.py FOLDER --url http://127.0.0.1:8080        compares with a running server

A folder holds a model and oracle.json, whose prompts are used. Random weights never end an answer, so that end-of-sequence
ids are tokens of answers that were found without: they fall at the start, in the middle and at the end of beams. Where two
candidates of a step are so close that another order of summation could swap them, the case is left out.
"""
import argparse, json, os, random, sys, urllib.request
import torch
from transformers import AutoModelForCausalLM

MARGIN = 2e-4  # of a score
torch.set_num_threads(1)


class Margin:
    """Watches how near a decision of the search was to another one."""

    def __init__(self, model):
        self.smallest = float("inf")
        top_k = model._get_top_k_continuations
        update = model._update_finished_beams

        def watched_top_k(**kwargs):
            scores = kwargs["accumulated_log_probs"]
            best = torch.topk(scores, min(kwargs["beams_to_keep"] + 1, scores.shape[-1]))[0][0]
            self.note(best)
            return top_k(**kwargs)

        def watched_update(**kwargs):
            result = update(**kwargs)
            self.note(result[1][0])
            return result

        model._get_top_k_continuations = watched_top_k
        model._update_finished_beams = watched_update

    def note(self, scores):
        real = scores[scores > -1e8]
        if len(real) > 1:
            self.smallest = min(self.smallest, (real[:-1] - real[1:]).min().item())


def search(model, margin, prompt, width, penalty, early, ends, tokens):
    margin.smallest = float("inf")
    with torch.no_grad():
        found = model.generate(
            torch.tensor([prompt]), attention_mask=torch.ones(1, len(prompt), dtype=torch.long), num_beams=width,
            num_return_sequences=width, length_penalty=penalty, early_stopping=early, max_new_tokens=tokens, do_sample=False,
            eos_token_id=ends or None, pad_token_id=model.config.vocab_size - 1, return_dict_in_generate=True,
            output_scores=True, output_logits=True)
    lengths = (found.beam_indices >= 0).sum(dim=1).tolist()
    answers = [found.sequences[i, len(prompt):len(prompt) + n].tolist() for i, n in enumerate(lengths)]
    return answers, found.sequences_scores.tolist(), margin.smallest


def cases(folder, count, seed):
    with open(os.path.join(folder, "oracle.json")) as file:
        prompts = [case["prompt_ids"] for case in json.load(file)["cases"]]
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager")
    model.eval()
    model.generation_config = type(model.generation_config)()
    margin = Margin(model)
    rng = random.Random(seed)
    result = []
    dropped = 0
    while len(result) < count:
        prompt = rng.choice(prompts)
        width = rng.choice([2, 3, 4, 4, 8])
        tokens = rng.choice([1, 6, 12, 12, 20])
        penalty = rng.choice([0.0, 1.0, 1.0, 2.0, -1.0])
        early = rng.random() < 0.5
        ends = []
        if rng.random() < 0.85 and tokens > 1:
            free, _, _ = search(model, margin, prompt, width, penalty, early, [], tokens)
            ends = sorted({rng.choice(rng.choice(free)) for _ in range(rng.choice([1, 1, 2, 3]))})
        answers, scores, smallest = search(model, margin, prompt, width, penalty, early, ends, tokens)
        if smallest < MARGIN:
            dropped += 1
            continue
        result.append(dict(prompt_ids=prompt, width=width, length_penalty=penalty, early_stopping=early, end_ids=ends,
                           max_tokens=tokens, answers=answers, scores=[round(score, 5) for score in scores]))
    print(f"{folder}: {len(result)} cases, {dropped} too close; {sum(bool(c['end_ids']) for c in result)} with ends,"
          f" {sum(len(a) < c['max_tokens'] for c in result for a in c['answers'])} answers that ended early", file=sys.stderr)
    return result


def compare(url, case, number):
    body = dict(prompt=case["prompt_ids"], use_beam_search=True, n=case["width"], max_tokens=case["max_tokens"],
                length_penalty=case["length_penalty"], early_stopping=case["early_stopping"],
                stop_token_ids=case["end_ids"], ignore_eos=True, logprobs=0, return_token_ids=True, add_special_tokens=False)
    request = urllib.request.Request(url + "/v1/completions", json.dumps(body).encode(), {"Content-Type": "application/json"})
    choices = json.load(urllib.request.urlopen(request))["choices"]
    got = [choice["token_ids"] for choice in choices]
    scores = [sum(choice["logprobs"]["token_logprobs"]) / len(ids) ** case["length_penalty"] for choice, ids in zip(choices, got)]
    same = got == case["answers"]
    worst = max(abs(a - b) for a, b in zip(scores, case["scores"]))
    if not same or worst > 2e-3:
        print(f"case {number}: {body}\n  expected {case['answers']}\n  got      {got}\n  scores off by {worst}")
    return same and worst <= 2e-3, worst


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folders", nargs="+")
    parser.add_argument("--out", default="beams.json", help="name of the file in each folder")
    parser.add_argument("--cases", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--url")
    options = parser.parse_args()
    for folder in options.folders:
        found = cases(folder, options.cases, options.seed)
        if options.url:
            outcomes = [compare(options.url, case, i) for i, case in enumerate(found)]
            print(f"{sum(ok for ok, _ in outcomes)} of {len(outcomes)} the same, scores within {max(w for _, w in outcomes):.1e}")
        else:
            with open(os.path.join(folder, options.out), "w") as file:
                json.dump(dict(made_with="beam_oracle.py, transformers, float32, eager attention", cases=found), file, separators=(",", ":"))


main()
