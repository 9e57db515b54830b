"""`langchain-openai` against a gate. Settings: see attempt.py."""
from importlib.metadata import version

import openai
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI, OpenAI, OpenAIEmbeddings
from pydantic import BaseModel

from attempt import EMBEDDING, GATE, HEADERS, KEY, MODEL, attempt, end, refused

common = dict(base_url=f"{GATE}/v1", api_key=KEY, default_headers=HEADERS, max_retries=0)
model = ChatOpenAI(model=MODEL, max_tokens=24, **common)
print(f"langchain-openai {version('langchain-openai')}, langchain-core {version('langchain-core')}, {MODEL}")


@attempt("invoke")
def _():
    answer = model.invoke("こんにちは")
    assert answer.usage_metadata["total_tokens"] > 0
    return answer.content, answer.usage_metadata["total_tokens"], answer.response_metadata["finish_reason"]


@attempt("stream")
def _():
    parts = list(model.stream("こんにちは", stream_usage=True))
    usage = [part.usage_metadata for part in parts if part.usage_metadata]
    return "".join(part.content for part in parts), usage


@attempt("ainvoke")
def _():
    import asyncio

    return asyncio.run(model.ainvoke("こんにちは")).content


@attempt("batch")
def _():
    return [answer.content for answer in model.batch(["春", "夏", "秋"])]


@tool
def weather(city: str) -> str:
    """天気を答える"""
    return "晴れ"


class City(BaseModel):
    """市の名前と人口"""

    city: str
    population: int


@attempt("bind_tools")
def _():
    asks = ChatOpenAI(model=MODEL, max_tokens=64, **common)
    call = asks.bind_tools([weather]).invoke("道具でみほん市の天気を調べて").tool_calls[0]
    return call["name"], call["args"]


for method in ["json_schema", "function_calling", "json_mode"]:

    @attempt(f"with_structured_output({method})")
    def _():
        asks = ChatOpenAI(model=MODEL, max_tokens=96, temperature=0, **common)
        question = "市の形" if method == "function_calling" else "みほん市を JSON で。項目は city と population"
        city = asks.with_structured_output(City, method=method).invoke(question)
        assert city is not None, "the model did not call the tool"
        return city


@attempt("completions (OpenAI)")
def _():
    return OpenAI(model=MODEL, max_tokens=12, **common).invoke("むかしむかし")


@attempt("responses (use_responses_api)")
def _():
    return ChatOpenAI(model=MODEL, max_tokens=24, use_responses_api=True, **common).invoke("こんにちは").text


@attempt("responses, stream")
def _():
    asks = ChatOpenAI(model=MODEL, max_tokens=24, use_responses_api=True, **common)
    parts = list(asks.stream("こんにちは"))
    return "".join(part.text for part in parts), [part.usage_metadata for part in parts if part.usage_metadata]


if EMBEDDING:

    @attempt("embeddings, check_embedding_ctx_length=False")
    def _():
        embeddings = OpenAIEmbeddings(model=EMBEDDING, check_embedding_ctx_length=False, **common)
        vectors = embeddings.embed_documents(["春", "夏"])
        return len(vectors), len(vectors[0]), len(embeddings.embed_query("春"))


@attempt("403, no purpose")
def _():
    plain = ChatOpenAI(model=MODEL, base_url=f"{GATE}/v1", api_key=KEY, max_retries=0)
    error = refused(lambda: plain.invoke("こんにちは"), openai.PermissionDeniedError)
    return error.status_code, error.body["message"]


@attempt("purpose in the body (extra_body)")
def _():
    body = {"sekisho": {"purpose": "文書作成"}}
    plain = ChatOpenAI(model=MODEL, base_url=f"{GATE}/v1", api_key=KEY, max_tokens=4, extra_body=body)
    return plain.invoke("こんにちは").content


end()
