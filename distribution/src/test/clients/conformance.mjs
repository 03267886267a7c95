// The conformance suite with the official Node.js client. conformance.py is its twin: keep them alike.
import assert from "node:assert/strict";
import OpenAI from "openai";

const URL = process.env.CAIRN_URL.replace(/\/$/, "");
const KEY = process.env.CAIRN_KEY ?? "none";
const client = new OpenAI({ baseURL: URL + "/v1", apiKey: KEY, maxRetries: 0, timeout: 120_000 });
const models = (await client.models.list()).data;
const CHAT = models[0].id;
const EMBED = models.at(-1).id;
const MESSAGES = [{ role: "user", content: "Who are you?" }];
const tests = [];
const check = (name, test) => tests.push([name, test]);

const chat = (more = {}) =>
  client.chat.completions.create({ model: CHAT, messages: MESSAGES, max_tokens: 24, temperature: 0, ...more });
const complete = (prompt, more = {}) => client.completions.create({ model: CHAT, prompt, max_tokens: 8, temperature: 0, ...more });
const all = async (stream) => {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
};
const raises = async (kind, call, ...words) => {
  try {
    await call();
  } catch (e) {
    assert.ok(e instanceof kind, `${e.constructor.name} instead of ${kind.name}: ${e.message}`);
    for (const word of words) assert.ok(e.message.includes(word), `"${word}" is not in ${e.message}`);
    return e;
  }
  assert.fail(`no ${kind.name}`);
};
const running = async () => {
  const page = await (await fetch(URL + "/metrics", { headers: { authorization: "Bearer " + KEY } })).text();
  return page
    .split("\n")
    .filter((line) => line.startsWith("vllm:num_requests_running{"))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
};

check("models are listed and found", async () => {
  assert.ok(models.every((m) => m.object === "model"));
  assert.equal((await client.models.retrieve(CHAT)).id, CHAT);
  await raises(OpenAI.NotFoundError, () => client.models.retrieve("nobody"), "nobody");
});

check("chat answers with usage", async () => {
  const r = await chat();
  assert.equal(r.object, "chat.completion");
  assert.ok(r.id.startsWith("chatcmpl-") && r.model === CHAT);
  const c = r.choices[0];
  assert.ok(c.message.role === "assistant" && c.message.content && ["stop", "length"].includes(c.finish_reason));
  assert.equal(r.usage.total_tokens, r.usage.prompt_tokens + r.usage.completion_tokens);
  assert.ok(r.usage.completion_tokens > 0 && r.usage.completion_tokens <= 24);
});

check("a stream is the same answer", async () => {
  const whole = await chat();
  const chunks = await all(await chat({ stream: true, stream_options: { include_usage: true } }));
  assert.deepEqual(chunks[0].choices[0].delta, { role: "assistant", content: "" });
  assert.equal(chunks[0].choices[0].finish_reason, null);
  const last = chunks.pop();
  assert.deepEqual(last.choices, []);
  assert.deepEqual(last.usage, whole.usage);
  assert.ok(chunks.every((k) => k.usage === null));
  assert.equal(chunks.map((k) => k.choices[0].delta.content ?? "").join(""), whole.choices[0].message.content);
  const reasons = chunks.map((k) => k.choices[0].finish_reason);
  assert.equal(reasons.pop(), whole.choices[0].finish_reason);
  assert.ok(reasons.every((r) => r === null));
  assert.equal(new Set(chunks.map((k) => k.id)).size, 1);
});

check("seeds repeat and choices differ", async () => {
  const draw = async (seed) =>
    (await chat({ n: 4, seed, temperature: 2, max_tokens: 16 })).choices.map((c) => c.message.content);
  const first = await draw(7);
  assert.deepEqual(await draw(7), first);
  assert.ok(new Set(first).size > 1, String(first));
  assert.deepEqual((await chat({ n: 3 })).choices.map((c) => c.index), [0, 1, 2]);
  assert.notDeepEqual(await draw(8), first);
});

check("log-probabilities are sane", async () => {
  const c = (await chat({ logprobs: true, top_logprobs: 3 })).choices[0];
  for (const t of c.logprobs.content) {
    assert.ok(t.top_logprobs.length === 3 && t.logprob <= 0);
    assert.ok(Math.abs(t.top_logprobs[0].logprob - t.logprob) < 1e-4);
  }
  const said = new TextDecoder().decode(Uint8Array.from(c.logprobs.content.flatMap((t) => t.bytes)));
  assert.ok(said.startsWith(c.message.content), said);
  assert.equal((await complete("abc", { logprobs: 2 })).choices[0].logprobs.text_offset[0], 0);
});

check("stop strings stop and stay out", async () => {
  const text = (await chat()).choices[0].message.content;
  const stop = text.slice(2, 4);
  const expected = text.slice(0, text.indexOf(stop));
  const r = (await chat({ stop: [stop] })).choices[0];
  assert.equal(r.finish_reason, "stop");
  assert.equal(r.message.content, expected);
  const chunks = await all(await chat({ stop, stream: true }));
  assert.equal(chunks.map((k) => k.choices[0].delta.content ?? "").join(""), expected);
});

check("completions take text, lists and ids", async () => {
  const r = await complete(["one two", "three"]);
  assert.deepEqual(r.choices.map((c) => c.index), [0, 1]);
  assert.ok(r.object === "text_completion" && r.id.startsWith("cmpl-"));
  assert.equal(typeof (await complete([5, 6, 7])).choices[0].text, "string");
  const echoed = (await complete("one two", { echo: true, logprobs: 1 })).choices[0];
  assert.ok(echoed.text.startsWith("one two") && echoed.logprobs.token_logprobs[0] === null);
  const streamed = (await all(await complete("one two", { stream: true }))).map((k) => k.choices[0]?.text ?? "").join("");
  assert.equal(streamed, (await complete("one two")).choices[0].text);
});

check("length is reported", async () => {
  const r = await chat({ max_tokens: 1, ignore_eos: true });
  assert.ok(r.choices[0].finish_reason === "length" && r.usage.completion_tokens === 1);
});

check("embeddings are the same in both encodings", async () => {
  const input = ["stone", "a stack of stones"];
  const decoded = await client.embeddings.create({ model: EMBED, input });
  const raw = await client.embeddings.create({ model: EMBED, input, encoding_format: "float" });
  assert.deepEqual(decoded.data.map((d) => d.index), [0, 1]);
  decoded.data.forEach((d, i) =>
    d.embedding.forEach((x, k) => assert.ok(Math.abs(x - raw.data[i].embedding[k]) < 1e-6)));
  assert.ok(Math.abs(raw.data[0].embedding.reduce((sum, x) => sum + x * x, 0) - 1) < 1e-5);
});

check("wrong requests name the field", async () => {
  await raises(OpenAI.BadRequestError, () => chat({ temperature: -1 }), "temperature");
  await raises(OpenAI.BadRequestError, () => chat({ top_p: 1.5 }), "top_p");
  await raises(OpenAI.BadRequestError, () => chat({ messages: [] }), "messages");
  await raises(OpenAI.BadRequestError, () => chat({ stream_options: { include_usage: true } }), "stream_options");
  await raises(OpenAI.BadRequestError, () => chat({ top_logprobs: 2 }), "logprobs");
  await raises(OpenAI.BadRequestError, () => chat({ n: 0 }), "n");
  await raises(OpenAI.BadRequestError, () => complete("x ".repeat(20_000)), "5120");
  await raises(OpenAI.BadRequestError, () => complete("x", { max_tokens: 0 }), "max_tokens");
  const e = await raises(OpenAI.NotFoundError, () => chat({ model: "nobody" }), "nobody");
  assert.equal(e.code, "model_not_found");
});

const TOOLS = [
  {
    type: "function",
    function: {
      name: "get_weather",
      parameters: {
        type: "object",
        properties: { city: { type: "string", maxLength: 12 }, days: { type: "integer", minimum: 1, maximum: 9 } },
        required: ["city", "days"],
        additionalProperties: false,
      },
    },
  },
  { type: "function", function: { name: "get_time" } },
];
const fits = ({ name, arguments: text }) => {
  const read = JSON.parse(text);
  if (name === "get_time") return Object.keys(read).length === 0;
  return name === "get_weather" && read.city.length <= 12 && read.days >= 1 && read.days <= 9;
};

check("required tools are called", async () => {
  const [choice] = (await chat({ tools: TOOLS, tool_choice: "required", max_tokens: 200 })).choices;
  assert.equal(choice.finish_reason, "tool_calls");
  assert.equal(choice.message.content, null);
  assert.ok(choice.message.tool_calls.length > 0 && choice.message.tool_calls.every((c) => c.id && fits(c.function)));
});

check("a named tool is called once", async () => {
  const tool_choice = { type: "function", function: { name: "get_weather" } };
  const [choice] = (await chat({ tools: TOOLS, tool_choice, max_tokens: 100 })).choices;
  assert.equal(choice.finish_reason, "stop");
  assert.equal(choice.message.tool_calls.length, 1);
  assert.ok(fits(choice.message.tool_calls[0].function));
});

check("streamed calls are the same calls", async () => {
  const more = { tools: TOOLS, tool_choice: "required", max_tokens: 200, temperature: 1, seed: 7 };
  const whole = (await chat(more)).choices[0].message.tool_calls.map((c) => c.function);
  const calls = [];
  for await (const chunk of await chat({ ...more, stream: true }))
    for (const piece of chunk.choices[0]?.delta.tool_calls ?? []) {
      if (piece.id) calls[piece.index] = { name: piece.function.name, arguments: "" };
      calls[piece.index].arguments += piece.function.arguments;
    }
  assert.deepEqual(calls, whole);
});

check("schemas are held", async () => {
  const schema = {
    type: "object",
    properties: { kind: { enum: ["short", "long"] }, steps: { type: "array", items: { type: "integer" }, maxItems: 3 } },
    required: ["kind", "steps"],
    additionalProperties: false,
  };
  const response_format = { type: "json_schema", json_schema: { name: "plan", strict: true, schema } };
  const answer = await client.chat.completions.parse({ model: CHAT, messages: MESSAGES, max_tokens: 200, response_format });
  const read = JSON.parse(answer.choices[0].message.content);
  assert.ok(["short", "long"].includes(read.kind) && read.steps.every(Number.isInteger));
});

check("what cannot be held is refused by name", async () => {
  await raises(OpenAI.BadRequestError, () => chat({ tools: [] }), "tools");
  await raises(OpenAI.BadRequestError, () => chat({ tools: [...TOOLS, ...TOOLS] }), "tools[2].function.name");
});

check("a wrong key is refused", async () => {
  if (KEY === "none") return;
  const other = new OpenAI({ baseURL: URL + "/v1", apiKey: "wrong", maxRetries: 0 });
  await raises(OpenAI.AuthenticationError, () => other.models.list());
});

check("going away ends the work", async () => {
  const stream = await chat({ max_tokens: 4000, stream: true, ignore_eos: true });
  for await (const _ of stream) break;
  stream.controller.abort();
  const end = Date.now() + 30_000;
  while ((await running()) > 0) assert.ok(Date.now() < end, "the request still runs");
});

let failed = 0;
for (const [name, test] of tests) {
  try {
    await test();
  } catch (e) {
    failed++;
    console.log(`node: FAILED ${name}: ${e.message?.slice(0, 300)}`);
  }
}
console.log(`node: ${tests.length - failed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
