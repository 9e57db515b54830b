"""The `litellm` package (as a library, not its proxy) against a gate. Settings: see attempt.py."""
import asyncio
import os
from importlib.metadata import version

# Otherwise a table of prices is fetched from the internet at import.
os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
import litellm

from attempt import EMBEDDING, GATE, HEADERS, KEY, MODEL, attempt, end, refused

hello = [{"role": "user", "content": "こんにちは"}]
common = dict(api_base=f"{GATE}/v1", api_key=KEY, extra_headers=HEADERS, num_retries=0)
litellm.suppress_debug_info = True
print(f"litellm {version('litellm')}, {MODEL}")


@attempt("completion")
def _():
    answer = litellm.completion(model=f"openai/{MODEL}", messages=hello, max_tokens=24, **common)
    return answer.choices[0].message.content, answer.usage.total_tokens


@attempt("completion, stream")
def _():
    stream = litellm.completion(
        model=f"openai/{MODEL}", messages=hello, max_tokens=24, stream=True,
        stream_options={"include_usage": True}, **common,
    )
    parts = list(stream)
    usage = [part.usage.total_tokens for part in parts if getattr(part, "usage", None)]
    return "".join(part.choices[0].delta.content or "" for part in parts if part.choices), usage


@attempt("acompletion")
def _():
    ask = litellm.acompletion(model=f"openai/{MODEL}", messages=hello, max_tokens=24, **common)
    return asyncio.run(ask).choices[0].message.content


@attempt("completion, tools")
def _():
    parameters = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    answer = litellm.completion(
        model=f"openai/{MODEL}", messages=[{"role": "user", "content": "道具でみほん市の天気を調べて"}], max_tokens=64,
        tools=[{"type": "function", "function": {"name": "weather", "parameters": parameters}}],
        tool_choice={"type": "function", "function": {"name": "weather"}}, **common,
    )
    call = answer.choices[0].message.tool_calls[0].function
    return call.name, call.arguments


@attempt("text_completion")
def _():
    answer = litellm.text_completion(
        model=f"text-completion-openai/{MODEL}", prompt="むかしむかし", max_tokens=12, **common
    )
    return answer.choices[0].text


@attempt("completion by anthropic/ (Messages)")
def _():
    answer = litellm.completion(
        model=f"anthropic/{MODEL}", messages=hello, max_tokens=24, api_base=GATE, api_key=KEY, extra_headers=HEADERS
    )
    return answer.choices[0].message.content, answer.usage.total_tokens


@attempt("responses")
def _():
    answer = litellm.responses(model=f"openai/{MODEL}", input="こんにちは", max_output_tokens=24, **common)
    return answer.status, answer.output[0].content[0].text


if EMBEDDING:

    @attempt("embedding")
    def _():
        answer = litellm.embedding(model=f"openai/{EMBEDDING}", input=["春", "夏"], **common)
        return len(answer.data), len(answer.data[0]["embedding"])


@attempt("401, a key that is none")
def _():
    ask = lambda: litellm.completion(model=f"openai/{MODEL}", messages=hello, **{**common, "api_key": "sk_none"})
    error = refused(ask, litellm.AuthenticationError)
    return error.status_code, error.message


@attempt("404, no such model")
def _():
    error = refused(lambda: litellm.completion(model="openai/no-such-model", messages=hello, **common), litellm.NotFoundError)
    return error.status_code, error.message


@attempt("403, no purpose")
def _():
    plain = {**common, "extra_headers": {}}
    error = refused(lambda: litellm.completion(model=f"openai/{MODEL}", messages=hello, **plain), Exception)
    return type(error).__name__, error.status_code, error.message


@attempt("purpose in the body (extra_body)")
def _():
    plain = {**common, "extra_headers": {}}
    answer = litellm.completion(
        model=f"openai/{MODEL}", messages=hello, max_tokens=4, extra_body={"sekisho": {"purpose": "文書作成"}}, **plain
    )
    return answer.choices[0].message.content


end()
