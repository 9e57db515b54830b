"""The `anthropic` package for Python against a gate. Settings: see attempt.py."""
import anthropic

from attempt import GATE, HEADERS, KEY, MODEL, attempt, end, refused

client = anthropic.Anthropic(base_url=GATE, api_key=KEY, max_retries=0, default_headers=HEADERS)
hello = [{"role": "user", "content": "こんにちは"}]
print(f"anthropic {anthropic.__version__}, {MODEL}")


@attempt("messages")
def _():
    answer = client.messages.create(model=MODEL, max_tokens=24, messages=hello)
    assert answer.type == "message" and answer.role == "assistant", answer
    return answer.stop_reason, answer.content[0].text, answer.usage.input_tokens, answer.usage.output_tokens


@attempt("messages, system and several turns")
def _():
    turns = hello + [{"role": "assistant", "content": "はい"}, {"role": "user", "content": [{"type": "text", "text": "続けて"}]}]
    return client.messages.create(model=MODEL, max_tokens=24, system="短く。", messages=turns).content[0].text


@attempt("messages, stream helper")
def _():
    with client.messages.stream(model=MODEL, max_tokens=24, messages=hello) as stream:
        text = "".join(stream.text_stream)
        final = stream.get_final_message()
    return text, final.stop_reason, final.usage.input_tokens, final.usage.output_tokens


@attempt("messages, stream=True")
def _():
    kinds = [event.type for event in client.messages.create(model=MODEL, max_tokens=24, messages=hello, stream=True)]
    assert kinds[0] == "message_start" and kinds[-1] == "message_stop", kinds
    return len(kinds), sorted(set(kinds))


weather = {
    "name": "weather",
    "description": "天気を答える",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
question = [{"role": "user", "content": "道具でみほん市の天気を調べて"}]


@attempt("tools, there and back")
def _():
    first = client.messages.create(model=MODEL, max_tokens=64, messages=question, tools=[weather])
    call = next(block for block in first.content if block.type == "tool_use")
    result = {"role": "user", "content": [{"type": "tool_result", "tool_use_id": call.id, "content": "晴れ"}]}
    turns = question + [{"role": "assistant", "content": first.content}, result]
    second = client.messages.create(model=MODEL, max_tokens=64, messages=turns, tools=[weather])
    return first.stop_reason, call.input, second.content[0].text


@attempt("tools, stream")
def _():
    choice = {"type": "tool", "name": "weather"}
    with client.messages.stream(model=MODEL, max_tokens=64, messages=question, tools=[weather], tool_choice=choice) as stream:
        final = stream.get_final_message()
    return [(block.name, block.input) for block in final.content if block.type == "tool_use"][0]


@attempt("count_tokens")
def _():
    return client.messages.count_tokens(model=MODEL, messages=hello).input_tokens


@attempt("models")
def _():
    return [model.id for model in client.models.list()]


def told(error):
    kind = error.body["error"]["type"] if isinstance(error.body, dict) else error.body
    return type(error).__name__, error.status_code, kind, error.body["error"]["message"]


@attempt("401, a key that is none")
def _():
    other = client.with_options(api_key="sk_aaaaaaaaaaaaaaaa_" + "a" * 52)
    ask = lambda: other.messages.create(model=MODEL, max_tokens=4, messages=hello)
    return told(refused(ask, anthropic.AuthenticationError))


@attempt("404, no such model")
def _():
    ask = lambda: client.messages.create(model="no-such-model", max_tokens=4, messages=hello)
    return told(refused(ask, anthropic.NotFoundError))


@attempt("400, a value out of range")
def _():
    ask = lambda: client.messages.create(model=MODEL, max_tokens=-1, messages=hello)
    return told(refused(ask, anthropic.BadRequestError))


@attempt("403, no purpose")
def _():
    plain = anthropic.Anthropic(base_url=GATE, api_key=KEY, max_retries=0)
    ask = lambda: plain.messages.create(model=MODEL, max_tokens=4, messages=hello)
    return told(refused(ask, anthropic.PermissionDeniedError))


@attempt("413, a large body")
def _():
    large = [{"role": "user", "content": "あ" * 8_000_000}]
    return told(refused(lambda: client.messages.create(model=MODEL, max_tokens=4, messages=large), anthropic.APIStatusError))


@attempt("auth_token (Authorization: Bearer) in place of api_key")
def _():
    other = anthropic.Anthropic(base_url=GATE, auth_token=KEY, max_retries=0, default_headers=HEADERS)
    return other.messages.create(model=MODEL, max_tokens=4, messages=hello).content[0].text


@attempt("purpose in the body (extra_body)")
def _():
    plain = anthropic.Anthropic(base_url=GATE, api_key=KEY, max_retries=0)
    body = {"sekisho": {"purpose": "文書作成"}}
    return plain.messages.create(model=MODEL, max_tokens=4, messages=hello, extra_body=body).content[0].text


end()
