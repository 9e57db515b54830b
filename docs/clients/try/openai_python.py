"""The `openai` package for Python against a gate. Settings: see attempt.py."""
import base64
import json
import struct

import openai

from attempt import EMBEDDING, GATE, HEADERS, KEY, MODEL, attempt, end, refused

client = openai.OpenAI(base_url=f"{GATE}/v1", api_key=KEY, max_retries=0, default_headers=HEADERS)
hello = [{"role": "user", "content": "こんにちは"}]
print(f"openai {openai.__version__}, {MODEL}")


@attempt("models")
def _():
    names = [model.id for model in client.models.list()]
    assert MODEL in names, names
    assert client.models.retrieve(MODEL).id == MODEL
    return names


@attempt("chat")
def _():
    answer = client.chat.completions.create(model=MODEL, messages=hello, max_tokens=24)
    assert answer.model == MODEL, answer.model
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
    return answer.choices[0].finish_reason, answer.choices[0].message.content, answer.usage.total_tokens


@attempt("chat, headers of the answer")
def _():
    raw = client.chat.completions.with_raw_response.create(model=MODEL, messages=hello, max_tokens=4)
    wanted = ["x-request-id", "x-sekisho-record", "x-sekisho-label"]
    assert raw.parse()._request_id == raw.headers["x-request-id"]
    return {name: raw.headers.get(name) for name in wanted}


@attempt("chat, stream, include_usage")
def _():
    stream = client.chat.completions.create(
        model=MODEL, messages=hello, max_tokens=24, stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert chunks[-1].usage and not chunks[-1].choices, chunks[-1]
    return len(chunks), text, chunks[-1].usage.total_tokens


@attempt("chat, stream helper")
def _():
    # The package raises LengthFinishReasonError where max_tokens cuts the answer off.
    with client.chat.completions.stream(model=MODEL, messages=hello, stop=["。"]) as stream:
        kinds = {event.type for event in stream}
        final = stream.get_final_completion()
    return sorted(kinds), final.choices[0].message.content


@attempt("chat, logprobs")
def _():
    answer = client.chat.completions.create(
        model=MODEL, messages=hello, max_tokens=4, logprobs=True, top_logprobs=2
    )
    return [(token.token, round(token.logprob, 2)) for token in answer.choices[0].logprobs.content]


@attempt("chat, n=2")
def _():
    answer = client.chat.completions.create(model=MODEL, messages=hello, max_tokens=4, n=2)
    return [choice.index for choice in answer.choices]


@attempt("chat, seed, stop, temperature")
def _():
    answer = client.chat.completions.create(
        model=MODEL, messages=hello, max_tokens=8, seed=7, stop=["。"], temperature=0
    )
    return answer.choices[0].finish_reason, answer.choices[0].message.content


@attempt("chat, max_completion_tokens and role developer")
def _():
    answer = client.chat.completions.create(
        model=MODEL, messages=[{"role": "developer", "content": "短く。"}] + hello, max_completion_tokens=8
    )
    return answer.choices[0].message.content


weather = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "天気を答える",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
question = [{"role": "user", "content": "道具でみほん市の天気を調べて"}]


@attempt("tools, there and back")
def _():
    first = client.chat.completions.create(model=MODEL, messages=question, tools=[weather], max_tokens=64)
    call = first.choices[0].message.tool_calls[0]
    result = {"role": "tool", "tool_call_id": call.id, "content": "晴れ"}
    second = client.chat.completions.create(
        model=MODEL, messages=question + [first.choices[0].message, result], tools=[weather], max_tokens=64
    )
    return first.choices[0].finish_reason, json.loads(call.function.arguments), second.choices[0].message.content


@attempt("tools, named choice")
def _():
    answer = client.chat.completions.create(
        model=MODEL, messages=question, tools=[weather], max_tokens=64,
        tool_choice={"type": "function", "function": {"name": "weather"}},
    )
    call = answer.choices[0].message.tool_calls[0].function
    return call.name, call.arguments


@attempt("tools, stream")
def _():
    stream = client.chat.completions.create(
        model=MODEL, messages=question, tools=[weather], max_tokens=64, stream=True,
        tool_choice={"type": "function", "function": {"name": "weather"}},
    )
    parts = [chunk.choices[0].delta.tool_calls for chunk in stream if chunk.choices]
    arguments = "".join(part[0].function.arguments or "" for part in parts if part)
    assert arguments, "no tool call in the stream"
    return arguments


@attempt("response_format json_schema")
def _():
    schema = {
        "type": "object",
        "properties": {"city": {"type": "string", "enum": ["みほん市"]}, "population": {"type": "integer"}},
        "required": ["city", "population"],
        "additionalProperties": False,
    }
    answer = client.chat.completions.create(
        model=MODEL, messages=[{"role": "user", "content": "みほん市を JSON で"}], max_tokens=64, temperature=0,
        response_format={"type": "json_schema", "json_schema": {"name": "city", "schema": schema, "strict": True}},
    )
    return json.loads(answer.choices[0].message.content)


@attempt("completions")
def _():
    answer = client.completions.create(model=MODEL, prompt="むかしむかし", max_tokens=12)
    return answer.choices[0].text


@attempt("completions, stream")
def _():
    return "".join(
        part.choices[0].text for part in client.completions.create(
            model=MODEL, prompt="むかしむかし", max_tokens=12, stream=True
        ) if part.choices
    )


@attempt("completions, echo and logprobs")
def _():
    answer = client.completions.create(
        model=MODEL, prompt="むかしむかし", max_tokens=1, echo=True, logprobs=1, temperature=0
    )
    choice = answer.choices[0]
    assert choice.text.startswith("むかしむかし"), choice.text
    assert choice.logprobs.token_logprobs[0] is None
    return list(zip(choice.logprobs.tokens, choice.logprobs.token_logprobs))


@attempt("completions, prompt of token ids")
def _():
    answer = client.completions.create(
        model=MODEL, prompt=[[1, 30, 40, 50]], max_tokens=1, echo=True, logprobs=1, temperature=0
    )
    return answer.choices[0].logprobs.tokens, answer.usage.prompt_tokens


@attempt("completions, two prompts")
def _():
    answer = client.completions.create(model=MODEL, prompt=["むかし", "いま"], max_tokens=4)
    return [(choice.index, choice.text) for choice in answer.choices]


@attempt("responses")
def _():
    answer = client.responses.create(model=MODEL, input="こんにちは", max_output_tokens=24)
    return answer.status, answer.output_text, answer.usage.total_tokens


@attempt("responses, instructions and stream")
def _():
    events = list(
        client.responses.create(
            model=MODEL, input="こんにちは", instructions="短く。", max_output_tokens=24, stream=True
        )
    )
    text = "".join(event.delta for event in events if event.type == "response.output_text.delta")
    assert events[-1].type in ("response.completed", "response.incomplete"), events[-1].type
    return events[0].type, len(events), events[-1].type, text


if EMBEDDING:

    @attempt("embeddings, as the package asks (base64)")
    def _():
        answer = client.embeddings.create(model=EMBEDDING, input=["春", "夏"])
        return len(answer.data), len(answer.data[1].embedding), answer.usage.prompt_tokens

    @attempt("embeddings, float and base64 agree")
    def _():
        floats = client.embeddings.create(model=EMBEDDING, input="春", encoding_format="float").data[0].embedding
        packed = client.embeddings.create(model=EMBEDDING, input="春", encoding_format="base64").data[0].embedding
        assert isinstance(packed, str), type(packed)
        raw = base64.b64decode(packed)
        again = struct.unpack(f"<{len(raw) // 4}f", raw)
        assert len(again) == len(floats) and max(abs(a - b) for a, b in zip(floats, again)) < 1e-4
        return len(floats)

    @attempt("embeddings, dimensions")
    def _():
        return len(client.embeddings.create(model=EMBEDDING, input="春", dimensions=64).data[0].embedding)


def told(error):
    return type(error).__name__, error.status_code, error.code, error.body.get("message") if error.body else error.body


@attempt("401, a key that is none")
def _():
    other = client.with_options(api_key="sk_aaaaaaaaaaaaaaaa_" + "a" * 52)
    return told(refused(lambda: other.models.list(), openai.AuthenticationError))


@attempt("404, no such model")
def _():
    ask = lambda: client.chat.completions.create(model="no-such-model", messages=hello)
    return told(refused(ask, openai.NotFoundError))


@attempt("404, no such path")
def _():
    return told(refused(lambda: client.files.list(), openai.NotFoundError))


@attempt("400, a value out of range")
def _():
    ask = lambda: client.chat.completions.create(model=MODEL, messages=hello, temperature=9)
    return told(refused(ask, openai.BadRequestError))


@attempt("403, no purpose")
def _():
    plain = openai.OpenAI(base_url=f"{GATE}/v1", api_key=KEY, max_retries=0)
    ask = lambda: plain.chat.completions.create(model=MODEL, messages=hello, max_tokens=4)
    return told(refused(ask, openai.PermissionDeniedError))


@attempt("413, a large body")
def _():
    ask = lambda: client.chat.completions.create(
        model=MODEL, messages=[{"role": "user", "content": "あ" * 8_000_000}], max_tokens=4
    )
    return told(refused(ask, openai.APIStatusError))


@attempt("purpose in the body (extra_body)")
def _():
    plain = openai.OpenAI(base_url=f"{GATE}/v1", api_key=KEY, max_retries=0)
    answer = plain.chat.completions.create(
        model=MODEL, messages=hello, max_tokens=4, extra_body={"sekisho": {"purpose": "文書作成"}}
    )
    return answer.choices[0].message.content


end()
