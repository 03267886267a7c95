#!/usr/bin/env python3
"""Compares chat templates as Cairn renders them with Hugging Face transformers.

    check_templates.py FOLDER... [--java JAVA] [--classpath CP] [--verbose]

FOLDER holds templates (*.jinja), taken from public repositories such as llama.cpp's models/templates and vLLM's examples;
none of them is copied into this repository. Needs transformers and jinja2, and the module's compiled classes and tests:

    ./mvnw -pl adapters-engines/models test-compile
    pip install transformers jinja2

Every template is rendered for every conversation below by both sides. They agree if both give the same text, or if both
refuse; where the template itself refuses (raise_exception), Cairn's message must contain the template's words.
"""
import argparse, copy, glob, json, os, subprocess, sys

HERE = os.path.dirname(os.path.abspath(__file__))
MODULE = os.path.normpath(os.path.join(HERE, "..", "..", ".."))
PORTS = os.path.normpath(os.path.join(MODULE, "..", "..", "ports", "target", "classes"))

SPECIAL = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"}


def call(name, arguments, id="call12345"):
    return {"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}


WEATHER = {"type": "function", "function": {
    "name": "get_weather", "description": "Weather of a place, in \u00b0C \"now\" <b>&",
    "parameters": {"type": "object", "required": ["city"], "properties": {
        "city": {"type": "string", "description": "The city's name", "enum": ["Z\u00fcrich", "Bern"]},
        "days": {"type": "integer", "minimum": 1, "default": 3},
        "exact": {"type": "boolean"}, "ratio": {"type": "number", "default": 0.5},
        "where": {"type": "object", "properties": {"lat": {"type": "number"}, "tags": {"type": "array", "items": {"type": "string"}}}},
        "either": {"anyOf": [{"type": "string"}, {"type": "null"}]}, "list": {"type": ["string", "null"]}}},
    "return": {"type": "string", "description": "What it is like"}}}
ADD = {"type": "function", "function": {"name": "add", "description": "Adds", "parameters": {"type": "object", "properties": {}}}}
S, U, A = ({"role": r} for r in ("system", "user", "assistant"))
say = lambda role, content, **more: dict(role, content=content, **more)
RESULT = {"role": "tool", "tool_call_id": "call12345", "name": "get_weather", "content": "{\"temp\": 21.5, \"sky\": \"clear\"}"}
ASKED = [say(U, "Weather in Z\u00fcrich?"), dict(A, content="", tool_calls=[call("get_weather", {"city": "Z\u00fcrich", "days": 2, "exact": True, "ratio": 1e-7, "x": None})])]
PARTS = [{"type": "text", "text": "part one, "}, {"type": "text", "text": "part two"}]

CONVERSATIONS = [
    dict(messages=[say(U, "Hello!")]),
    dict(messages=[say(U, "Hello!")], add_generation_prompt=False),
    dict(messages=[say(S, "  Be brief.\n"), say(U, "  Hi \n there ")]),
    dict(messages=[say(S, ""), say(U, "")]),
    dict(messages=[say(S, "S"), say(U, "1+1?"), say(A, " 2 "), say(U, "\U0001f600 caf\u00e9 <b>&amp;</b> \"q\" 'a' \\ \u4f60\u597d {{ x }} {% y %}")]),
    dict(messages=[say(U, "a"), say(A, "<think>\nhm\n</think>\n\nb"), say(U, "c"), say(A, "<think>\nhm2\n</think>\n\nd")], add_generation_prompt=False),
    dict(messages=[say(U, "a"), say(A, "b", reasoning_content="because\n"), say(U, "c")]),
    dict(messages=[say(U, "a"), say(A, "b", reasoning="because")], add_generation_prompt=False),
    dict(messages=[say(U, "a"), say(U, "b")]),
    dict(messages=[say(U, "a"), say(A, "b"), say(A, "c"), say(S, "late"), say(U, "d")]),
    dict(messages=[say(A, "first"), say(U, "second")]),
    dict(messages=[say(U, "Weather in Z\u00fcrich?")], tools=[WEATHER, ADD]),
    dict(messages=[say(S, "Sys"), say(U, "Weather?")], tools=[WEATHER]),
    dict(messages=ASKED + [RESULT], tools=[WEATHER]),
    dict(messages=[say(S, "Sys")] + ASKED + [RESULT, say(A, "21 degrees"), say(U, "Thanks")], tools=[WEATHER, ADD]),
    dict(messages=ASKED + [RESULT, say(A, "21 degrees")], tools=[WEATHER], add_generation_prompt=False),
    dict(messages=[say(U, "both"), dict(A, content="I call", tool_calls=[call("get_weather", {"city": "Bern"}, "call00001"), call("add", {"a": [1, 2.0], "b": {"c": "d\n"}}, "call00002")]),
                   dict(RESULT, tool_call_id="call00001"), dict(RESULT, tool_call_id="call00002", name="add", content="3")], tools=[WEATHER, ADD]),
    dict(messages=[say(U, "x"), {"role": "assistant", "tool_calls": [call("add", {})]}, dict(RESULT, content="ok")], tools=[ADD]),
    dict(messages=[say(U, "x"), dict(A, content=None, tool_calls=[call("add", {"deep": {"a": [{"b": None}, True, "\u00fc"]}})], reasoning_content="r"), RESULT], tools=[ADD]),
    dict(messages=ASKED + [RESULT, say(U, "again"), dict(A, content="", tool_calls=[call("add", {"q": "'\"\\"})]), RESULT]),
    dict(messages=[say(U, PARTS)]),
    dict(messages=[say(S, PARTS), say(U, PARTS), say(A, PARTS), say(U, "plain")]),
    dict(messages=[say(U, [{"type": "image"}, {"type": "text", "text": "what?"}])]),
    dict(messages=[say(U, "no thinking")], chat_template_kwargs=dict(enable_thinking=False)),
    dict(messages=[say(U, "thinking")], chat_template_kwargs=dict(enable_thinking=True, thinking=True, reasoning_effort="high")),
    dict(messages=[say(S, "/no_think now"), say(U, "hi /think")], chat_template_kwargs=dict(date_string="1 Jan 2025", tools_in_user_message=False, custom_tools=[ADD])),
    dict(messages=[say(U, "Weather?")], tools=[WEATHER], chat_template_kwargs=dict(tools_in_user_message=False, enable_thinking=False, builtin_tools=["brave_search", "wolfram_alpha"])),
    dict(messages=[say(U, "Continue: one, two,"), say(A, "three, fo")], continue_final_message=True, add_generation_prompt=False),
    dict(messages=[say(U, "Continue"), say(A, "with trailing space  ")], continue_final_message=True, add_generation_prompt=False),
    dict(messages=[say(U, "Continue"), say(A, PARTS)], continue_final_message=True, add_generation_prompt=False),
    dict(messages=[say(U, "a " * 50)] + [m for i in range(6) for m in (say(A, f"answer {i}\n\n"), say(U, f"\nquestion {i}"))]),
    dict(messages=[{"role": "developer", "content": "dev"}, say(U, "x")]),
    dict(messages=[{"role": "unknown", "content": "x"}]),
    dict(messages=[say(U, "docs")], chat_template_kwargs=dict(documents=[{"title": "T", "text": "one"}, {"title": "U", "text": "two"}])),
]


def reference(template, conversation):
    import jinja2
    from tokenizers import Tokenizer, models
    from transformers import PreTrainedTokenizerFast
    global _tokenizer
    if "_tokenizer" not in globals():
        _tokenizer = PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.BPE()), **SPECIAL)
    c = copy.deepcopy(conversation)
    kwargs = dict(c.get("chat_template_kwargs", {}))
    try:
        return "rendered", _tokenizer.apply_chat_template(
            c["messages"], tools=c.get("tools"), chat_template=template, tokenize=False,
            add_generation_prompt=c.get("add_generation_prompt", True),
            continue_final_message=c.get("continue_final_message", False), **kwargs)
    except Exception as e:
        return ("raised" if type(e) is jinja2.exceptions.TemplateError else "failed"), f"{type(e).__name__}: {e}" if type(e) is not jinja2.exceptions.TemplateError else str(e)


def same(kind, want, got):
    if kind == "rendered":
        return got.get("rendered") == want
    return "error" in got and (kind == "failed" or want in got["error"])


def first_difference(a, b):
    i = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
    return f"at {i}: reference ...{a[max(0, i - 30):i + 40]!r} cairn ...{b[max(0, i - 30):i + 40]!r}"


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("folders", nargs="+")
    p.add_argument("--java", default=os.path.join(os.environ["JAVA_HOME"], "bin", "java") if "JAVA_HOME" in os.environ else "java")
    p.add_argument("--classpath", default=os.pathsep.join([os.path.join(MODULE, "target", "classes"), os.path.join(MODULE, "target", "test-classes"), PORTS]))
    p.add_argument("--verbose", action="store_true")
    a = p.parse_args()
    files = sorted(f for folder in a.folders for f in glob.glob(os.path.join(folder, "*.jinja")))
    cairn = subprocess.Popen([a.java, "-cp", a.classpath, "dev.cairn.engine.models.RenderConversations"],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")
    passed = failed = 0
    for file in files:
        with open(file, encoding="utf-8") as f:
            template = f.read()
        wrong, rendered = [], 0
        for i, conversation in enumerate(CONVERSATIONS):
            kind, want = reference(template, conversation)
            cairn.stdin.write(json.dumps(dict(template=template, special_tokens=SPECIAL, conversation=conversation)) + "\n")
            cairn.stdin.flush()
            got = json.loads(cairn.stdout.readline())
            rendered += kind == "rendered"
            if not same(kind, want, got):
                detail = first_difference(want, got["rendered"]) if kind == "rendered" and "rendered" in got else f"reference {kind} {want[:200]!r}, cairn {str(got)[:300]}"
                wrong.append(f"conversation {i}: {detail}")
        passed, failed = passed + len(CONVERSATIONS) - len(wrong), failed + len(wrong)
        print(f"{os.path.basename(file):70s} {len(CONVERSATIONS) - len(wrong)}/{len(CONVERSATIONS)} ({rendered} rendered)")
        for w in wrong if a.verbose else wrong[:2]:
            print("    " + w)
    cairn.stdin.close()
    cairn.wait()
    print(f"{len(files)} templates, {passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
