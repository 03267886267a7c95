"""The conformance suite with the official Python client. conformance.mjs is its twin: keep them alike."""
import base64
import json
import os
import re
import struct
import sys
import time
import typing
import urllib.request

import openai
import pydantic

URL, KEY = os.environ["CAIRN_URL"].rstrip("/"), os.environ.get("CAIRN_KEY", "none")
client = openai.OpenAI(base_url=URL + "/v1", api_key=KEY, max_retries=0, timeout=120)
models = client.models.list().data
CHAT, EMBED = models[0].id, models[-1].id
MESSAGES = [{"role": "user", "content": "Who are you?"}]
passed, failed = 0, []


def check(test):
    global passed
    try:
        test()
        passed += 1
    except Exception as e:  # noqa: BLE001 - the report is the point
        failed.append(f"{test.__name__}: {type(e).__name__}: {str(e)[:300]}")


def raises(kind, call, *words):
    try:
        call()
    except kind as e:
        for word in words:
            assert word in str(e), f"{word!r} is not in {e}"
        return e
    raise AssertionError(f"no {kind.__name__}")


def chat(**more):
    return client.chat.completions.create(**{"model": CHAT, "messages": MESSAGES, "max_tokens": 24, "temperature": 0, **more})


def complete(prompt, **more):
    return client.completions.create(**{"model": CHAT, "prompt": prompt, "max_tokens": 8, "temperature": 0, **more})


def running():
    headers = {"Authorization": "Bearer " + KEY}
    with urllib.request.urlopen(urllib.request.Request(URL + "/metrics", headers=headers)) as page:
        lines = page.read().decode().splitlines()
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith("vllm:num_requests_running{"))


@check
def models_are_listed_and_found():
    assert {m.id for m in models} >= {CHAT, EMBED} and all(m.object == "model" for m in models)
    assert client.models.retrieve(CHAT).id == CHAT
    raises(openai.NotFoundError, lambda: client.models.retrieve("nobody"), "nobody")


@check
def chat_answers_with_usage():
    r = chat()
    assert r.object == "chat.completion" and r.id.startswith("chatcmpl-") and r.model == CHAT
    c = r.choices[0]
    assert c.message.role == "assistant" and c.message.content and c.finish_reason in ("stop", "length")
    assert r.usage.total_tokens == r.usage.prompt_tokens + r.usage.completion_tokens
    assert 0 < r.usage.completion_tokens <= 24


@check
def a_stream_is_the_same_answer():
    whole = chat()
    chunks = list(chat(stream=True, stream_options={"include_usage": True}))
    assert chunks[0].choices[0].delta.role == "assistant" and chunks[0].choices[0].delta.content == ""
    assert chunks[-1].choices == [] and chunks[-1].usage.model_dump() == whole.usage.model_dump()
    assert all(k.usage is None for k in chunks[:-1])
    text = "".join(k.choices[0].delta.content or "" for k in chunks[:-1])
    assert text == whole.choices[0].message.content, text
    reasons = [k.choices[0].finish_reason for k in chunks[:-1]]
    assert reasons[-1] == whole.choices[0].finish_reason and not any(reasons[:-1])
    assert len({k.id for k in chunks}) == 1 and len({k.created for k in chunks}) == 1


@check
def seeds_repeat_and_choices_differ():
    draw = lambda seed: [c.message.content for c in chat(n=4, seed=seed, temperature=2, max_tokens=16).choices]
    first, second = draw(7), draw(7)
    assert first == second, (first, second)
    assert len(set(first)) > 1, first
    assert [c.index for c in chat(n=3).choices] == [0, 1, 2]
    assert draw(8) != first


@check
def log_probabilities_are_sane():
    c = chat(logprobs=True, top_logprobs=3).choices[0]
    for t in c.logprobs.content:
        assert len(t.top_logprobs) == 3 and t.logprob <= 0
        assert abs(t.top_logprobs[0].logprob - t.logprob) < 1e-4  # greedy takes the likeliest
    said = b"".join(bytes(t.bytes) for t in c.logprobs.content).decode("utf-8", "replace")
    assert said.startswith(c.message.content), said
    assert complete("abc", logprobs=2).choices[0].logprobs.text_offset[0] == 0


@check
def stop_strings_stop_and_stay_out():
    text = chat(max_tokens=24).choices[0].message.content
    stop = text[2:4]
    r = chat(stop=[stop]).choices[0]
    assert r.finish_reason == "stop" and r.message.content == text[: text.index(stop)]
    streamed = "".join(k.choices[0].delta.content or "" for k in chat(stop=stop, stream=True))
    assert streamed == text[: text.index(stop)]


@check
def completions_take_text_lists_and_ids():
    r = complete(["one two", "three"])
    assert [c.index for c in r.choices] == [0, 1] and r.object == "text_completion" and r.id.startswith("cmpl-")
    ids = complete("one two", extra_body={"return_token_ids": True}).choices[0]
    assert complete(ids.prompt_token_ids if hasattr(ids, "prompt_token_ids") else [5, 6, 7]).choices[0].text is not None
    echoed = complete("one two", echo=True, logprobs=1).choices[0]
    assert echoed.text.startswith("one two") and echoed.logprobs.token_logprobs[0] is None
    streamed = "".join(k.choices[0].text for k in complete("one two", stream=True) if k.choices)
    assert streamed == complete("one two").choices[0].text


@check
def length_is_reported():
    r = chat(max_tokens=1, extra_body={"ignore_eos": True})
    assert r.choices[0].finish_reason == "length" and r.usage.completion_tokens == 1


@check
def embeddings_are_the_same_in_both_encodings():
    texts = ["stone", "a stack of stones"]
    r = client.embeddings.create(model=EMBED, input=texts)
    raw = client.embeddings.create(model=EMBED, input=texts, encoding_format="float")
    plain = client.embeddings.with_raw_response.create(model=EMBED, input=texts[0], encoding_format="base64")
    bits = base64.b64decode(plain.http_response.json()["data"][0]["embedding"])
    assert list(struct.unpack(f"<{len(bits) // 4}f", bits)) == r.data[0].embedding
    assert [d.index for d in r.data] == [0, 1] and r.usage.prompt_tokens > 0
    for a, b in zip(r.data, raw.data):
        assert max(abs(x - y) for x, y in zip(a.embedding, b.embedding)) < 1e-6
    assert abs(sum(x * x for x in r.data[0].embedding) - 1) < 1e-5


@check
def wrong_requests_name_the_field():
    raises(openai.BadRequestError, lambda: chat(temperature=-1), "temperature")
    raises(openai.BadRequestError, lambda: chat(top_p=1.5), "top_p")
    raises(openai.BadRequestError, lambda: chat(messages=[]), "messages")
    raises(openai.BadRequestError, lambda: chat(stream_options={"include_usage": True}), "stream_options")
    raises(openai.BadRequestError, lambda: chat(top_logprobs=2), "logprobs")
    raises(openai.BadRequestError, lambda: chat(n=0), "n")
    raises(openai.BadRequestError, lambda: complete("x " * 20_000), "5120")
    raises(openai.BadRequestError, lambda: complete("x", max_tokens=0), "max_tokens")
    e = raises(openai.NotFoundError, lambda: chat(model="nobody"), "nobody")
    assert e.code == "model_not_found" and e.body["type"]


TOOLS = [
    {"type": "function", "function": {"name": "get_weather", "description": "of a city", "parameters": {
        "type": "object", "properties": {"city": {"type": "string", "maxLength": 12}, "days": {"type": "integer", "minimum": 1, "maximum": 9}},
        "required": ["city", "days"], "additionalProperties": False}}},
    {"type": "function", "function": {"name": "get_time"}},
]


def fits(name, arguments):
    read = json.loads(arguments)
    if name == "get_time":
        return read == {}
    return name == "get_weather" and set(read) == {"city", "days"} and len(read["city"]) <= 12 and 1 <= read["days"] <= 9


@check
def required_tools_are_called():
    choice = chat(tools=TOOLS, tool_choice="required", max_tokens=200).choices[0]
    assert choice.finish_reason == "tool_calls" and choice.message.content is None
    assert choice.message.tool_calls and all(c.id and c.type == "function" for c in choice.message.tool_calls)
    assert all(fits(c.function.name, c.function.arguments) for c in choice.message.tool_calls)


@check
def a_named_tool_is_called_once():
    named = {"type": "function", "function": {"name": "get_weather"}}
    choice = chat(tools=TOOLS, tool_choice=named, max_tokens=100).choices[0]
    assert choice.finish_reason == "stop" and len(choice.message.tool_calls) == 1
    assert fits("get_weather", choice.message.tool_calls[0].function.arguments)


@check
def streamed_calls_are_the_same_calls():
    more = {"tools": TOOLS, "tool_choice": "required", "max_tokens": 200, "temperature": 1, "seed": 7}
    whole = chat(**more).choices[0]
    calls, reasons = {}, []
    for chunk in chat(stream=True, **more):
        for choice in chunk.choices:
            assert not choice.delta.content
            reasons.append(choice.finish_reason)
            for piece in choice.delta.tool_calls or []:
                if piece.index not in calls:
                    assert piece.id and piece.type == "function" and piece.function.arguments == ""
                    calls[piece.index] = [piece.function.name, ""]
                else:
                    assert piece.id is None and piece.function.name is None
                calls[piece.index][1] += piece.function.arguments
    assert reasons[-1] == "tool_calls" and set(reasons[:-1]) == {None}
    assert [tuple(calls[i]) for i in sorted(calls)] == [(c.function.name, c.function.arguments) for c in whole.message.tool_calls]


@check
def results_of_pydantic_are_parsed():
    class Step(pydantic.BaseModel):
        done: bool
        count: int

    class Plan(pydantic.BaseModel):
        title: str
        steps: list[Step]
        kind: typing.Literal["short", "long"]

    answer = client.chat.completions.parse(model=CHAT, messages=MESSAGES, max_tokens=400, temperature=0, response_format=Plan)
    assert isinstance(answer.choices[0].message.parsed, Plan)


@check
def formats_are_held():
    answer = chat(extra_body={"structured_outputs": {"regex": "[ab]{3}-[0-9]+"}}, temperature=1)
    assert re.fullmatch("[ab]{3}-[0-9]+", answer.choices[0].message.content)
    assert complete("x", extra_body={"guided_choice": ["yes", "no"]}).choices[0].text in ("yes", "no")
    assert isinstance(json.loads(chat(response_format={"type": "json_object"}, max_tokens=200).choices[0].message.content), dict)


@check
def what_cannot_be_held_is_refused_by_name():
    bad = [{"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {"a": {"$ref": "#/nowhere"}}}}}]
    e = raises(openai.BadRequestError, lambda: chat(tools=TOOLS + bad, tool_choice="required"), "tools[2].function.parameters")
    assert e.param.startswith("tools[2].function.parameters")
    raises(openai.BadRequestError, lambda: chat(tools=[]), "tools")
    raises(openai.BadRequestError, lambda: chat(tools=TOOLS + TOOLS), "tools[2].function.name")
    raises(openai.BadRequestError, lambda: chat(tools=TOOLS, tool_choice={"type": "function", "function": {"name": "f"}}), "tool_choice.function.name")


@check
def a_wrong_key_is_refused():
    if KEY != "none":
        other = openai.OpenAI(base_url=URL + "/v1", api_key="wrong", max_retries=0)
        raises(openai.AuthenticationError, lambda: other.models.list())


@check
def going_away_ends_the_work():
    stream = chat(max_tokens=4000, stream=True, extra_body={"ignore_eos": True})
    next(iter(stream))
    assert running() >= 1
    stream.close()
    end = time.monotonic() + 30
    while running() > 0:
        assert time.monotonic() < end, "the request still runs"


for problem in failed:
    print("python: FAILED", problem)
print(f"python: {passed} passed, {len(failed)} failed")
sys.exit(1 if failed else 0)
