// The `openai` package for Node.js against a gate. Settings: see attempt.py.
import OpenAI from "openai";
import { VERSION } from "openai/version";

const gate = (process.env.SEKISHO_URL ?? "http://127.0.0.1:7100").replace(/\/$/, "");
const { SEKISHO_KEY: apiKey, SEKISHO_MODEL: model, SEKISHO_EMBEDDING: embedding } = process.env;
// Header values are ASCII: a purpose in Japanese travels percent-encoded.
const purpose = encodeURIComponent(process.env.SEKISHO_PURPOSE ?? "文書作成");
const baseURL = `${gate}/v1`;
const client = new OpenAI({ baseURL, apiKey, maxRetries: 0, defaultHeaders: { "x-sekisho-purpose": purpose } });
const hello = [{ role: "user", content: "こんにちは" }];
console.log(`openai ${VERSION}, node ${process.version}, ${model}`);

let failed = 0;
async function attempt(name, run) {
  try {
    console.log(`ok      ${name}: ${JSON.stringify(await run())}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${name}: ${error.constructor.name}: ${String(error.message).slice(0, 600)}`);
  }
}
async function refused(call, kind) {
  let answer;
  try {
    answer = await call();
  } catch (error) {
    if (!(error instanceof kind)) throw error;
    return [error.constructor.name, error.status, error.code, error.error?.message, error.requestID];
  }
  throw new Error(`not refused, but answered: ${JSON.stringify(answer).slice(0, 200)}`);
}
function must(condition, what) {
  if (!condition) throw new Error(what);
}

await attempt("models", async () => {
  const names = [];
  for await (const found of client.models.list()) names.push(found.id);
  must(names.includes(model), names);
  must((await client.models.retrieve(model)).id === model, "retrieve");
  return names;
});
await attempt("chat", async () => {
  const answer = await client.chat.completions.create({ model, messages: hello, max_tokens: 24 });
  must(answer._request_id, "no request id");
  return [answer.choices[0].finish_reason, answer.choices[0].message.content, answer.usage.total_tokens];
});
await attempt("chat, stream, include_usage", async () => {
  const stream = await client.chat.completions.create({
    model, messages: hello, max_tokens: 24, stream: true, stream_options: { include_usage: true },
  });
  let text = "", usage = null, chunks = 0;
  for await (const chunk of stream) {
    chunks += 1;
    text += chunk.choices[0]?.delta.content ?? "";
    usage = chunk.usage ?? usage;
  }
  must(usage, "no usage");
  return [chunks, text, usage.total_tokens];
});
await attempt("chat, stream helper", async () => {
  const stream = client.chat.completions.stream({ model, messages: hello, max_tokens: 24 });
  return await stream.finalContent();
});
await attempt("chat, logprobs", async () => {
  const answer = await client.chat.completions.create({
    model, messages: hello, max_tokens: 4, logprobs: true, top_logprobs: 2,
  });
  return answer.choices[0].logprobs.content.map((token) => [token.token, token.logprob]);
});
const weather = {
  type: "function",
  function: {
    name: "weather",
    description: "天気を答える",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
};
const question = [{ role: "user", content: "道具でみほん市の天気を調べて" }];
await attempt("tools, there and back", async () => {
  const first = await client.chat.completions.create({ model, messages: question, tools: [weather], max_tokens: 64 });
  const message = first.choices[0].message;
  must(message.tool_calls?.length, "the model called no tool");
  const result = { role: "tool", tool_call_id: message.tool_calls[0].id, content: "晴れ" };
  const second = await client.chat.completions.create({
    model, messages: [...question, message, result], tools: [weather], max_tokens: 64,
  });
  return [JSON.parse(message.tool_calls[0].function.arguments), second.choices[0].message.content];
});
await attempt("tools, named choice", async () => {
  const answer = await client.chat.completions.create({
    model, messages: question, tools: [weather], max_tokens: 64,
    tool_choice: { type: "function", function: { name: "weather" } },
  });
  const call = answer.choices[0].message.tool_calls[0].function;
  return [call.name, call.arguments];
});
await attempt("response_format json_schema", async () => {
  const schema = {
    type: "object",
    properties: { city: { type: "string", enum: ["みほん市"] }, population: { type: "integer" } },
    required: ["city", "population"],
    additionalProperties: false,
  };
  const answer = await client.chat.completions.create({
    model, messages: [{ role: "user", content: "みほん市を JSON で" }], max_tokens: 128, temperature: 0,
    response_format: { type: "json_schema", json_schema: { name: "city", schema, strict: true } },
  });
  return JSON.parse(answer.choices[0].message.content);
});
await attempt("completions, echo and logprobs", async () => {
  const answer = await client.completions.create({
    model, prompt: "むかしむかし", max_tokens: 1, echo: true, logprobs: 1, temperature: 0,
  });
  const { text, logprobs } = answer.choices[0];
  must(text.startsWith("むかしむかし"), text);
  return [text, logprobs.token_logprobs.length];
});
await attempt("completions, prompt of token ids", async () => {
  const answer = await client.completions.create({
    model, prompt: [[1, 30, 40, 50]], max_tokens: 1, echo: true, logprobs: 1, temperature: 0,
  });
  return answer.usage.prompt_tokens;
});
await attempt("responses", async () => {
  const answer = await client.responses.create({ model, input: "こんにちは", max_output_tokens: 24 });
  return [answer.status, answer.output_text];
});
await attempt("responses, stream", async () => {
  let text = "", last;
  const stream = await client.responses.create({ model, input: "こんにちは", max_output_tokens: 24, stream: true });
  for await (const event of stream) {
    last = event.type;
    if (event.type === "response.output_text.delta") text += event.delta;
  }
  must(["response.completed", "response.incomplete"].includes(last), last);
  return [last, text];
});
if (embedding) {
  await attempt("embeddings, as the package asks (base64)", async () => {
    const answer = await client.embeddings.create({ model: embedding, input: ["春", "夏"] });
    return [answer.data.length, answer.data[1].embedding.length];
  });
  await attempt("embeddings, float", async () => {
    const answer = await client.embeddings.create({ model: embedding, input: "春", encoding_format: "float" });
    return answer.data[0].embedding.length;
  });
}
await attempt("stream given up (abort)", async () => {
  const stream = await client.chat.completions.create({
    model, messages: [{ role: "user", content: "長い答えを" }], max_tokens: 200, stream: true,
  });
  let chunks = 0;
  for await (const _ of stream) if (++chunks === 2) break;
  return stream.controller.signal.aborted;
});
const none = new OpenAI({ baseURL, apiKey: "sk_aaaaaaaaaaaaaaaa_" + "a".repeat(52), maxRetries: 0 });
await attempt("401, a key that is none", () => refused(() => none.models.list(), OpenAI.AuthenticationError));
await attempt("404, no such model", () =>
  refused(() => client.chat.completions.create({ model: "no-such-model", messages: hello }), OpenAI.NotFoundError));
await attempt("400, a value out of range", () =>
  refused(() => client.chat.completions.create({ model, messages: hello, temperature: 9 }), OpenAI.BadRequestError));
const plain = new OpenAI({ baseURL, apiKey, maxRetries: 0 });
await attempt("403, no purpose", () =>
  refused(() => plain.chat.completions.create({ model, messages: hello }), OpenAI.PermissionDeniedError));
await attempt("413, a large body", () =>
  refused(
    () => client.chat.completions.create({ model, messages: [{ role: "user", content: "あ".repeat(8_000_000) }] }),
    OpenAI.APIError,
  ));
await attempt("purpose in the body", async () => {
  const answer = await plain.chat.completions.create({
    model, messages: hello, max_tokens: 4, sekisho: { purpose: "文書作成" },
  });
  return answer.choices[0].message.content;
});
console.log(`${failed} failed`);
process.exitCode = failed ? 1 : 0;
