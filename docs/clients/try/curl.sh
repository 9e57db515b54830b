#!/bin/sh
# curl against a gate. Settings: see attempt.py. Prints the status and the beginning of each answer.
set -u
gate=${SEKISHO_URL:-http://127.0.0.1:7100}
purpose='x-sekisho-purpose: %E6%96%87%E6%9B%B8%E4%BD%9C%E6%88%90'
curl --version | head -n 1

# A name, what to send, and further options of curl. TYPE, AUTH and PURPOSE are header lines; an empty one is not sent.
TYPE='content-type: application/json' AUTH="authorization: Bearer $SEKISHO_KEY" PURPOSE=$purpose
ask() {
  name=$1 path=$2 body=$3
  shift 3
  printf '%s: ' "$name"
  if [ -n "$body" ]; then set -- "$@" -d "$body"; fi
  if [ -n "$TYPE" ]; then set -- "$@" -H "$TYPE"; fi
  if [ -n "$AUTH" ]; then set -- "$@" -H "$AUTH"; fi
  if [ -n "$PURPOSE" ]; then set -- "$@" -H "$PURPOSE"; fi
  curl -sS -w '\n  -> %{http_code} HTTP/%{http_version} %{size_download} bytes\n' "$gate$path" "$@" | cut -c1-300
}
hello="{\"model\":\"$SEKISHO_MODEL\",\"max_tokens\":12,\"messages\":[{\"role\":\"user\",\"content\":\"こんにちは\"}]"

ask 'chat' /v1/chat/completions "$hello}"
ask 'chat, stream' /v1/chat/completions "$hello,\"stream\":true}" -N
ask 'chat, --compressed' /v1/chat/completions "$hello}" --compressed
ask 'chat, stream, --compressed' /v1/chat/completions "$hello,\"stream\":true}" -N --compressed
ask 'chat, --http2' /v1/chat/completions "$hello}" --http2
ask 'chat, --http2-prior-knowledge' /v1/chat/completions "$hello}" --http2-prior-knowledge
ask 'chat, --http1.0' /v1/chat/completions "$hello}" --http1.0
PURPOSE='x-sekisho-purpose: 文書作成' ask 'purpose as UTF-8' /v1/chat/completions "$hello}"
PURPOSE='' ask 'purpose in the body' /v1/chat/completions "$hello,\"sekisho\":{\"purpose\":\"文書作成\"}}"
PURPOSE='' ask 'no purpose' /v1/chat/completions "$hello}"
ask 'errors in English' /v1/chat/completions "$hello,\"temperature\":9}" -H 'accept-language: en'
ask 'responses' /v1/responses "{\"model\":\"$SEKISHO_MODEL\",\"input\":\"こんにちは\",\"max_output_tokens\":12}"
AUTH="x-api-key: $SEKISHO_KEY" ask 'messages' /v1/messages "$hello}" -H 'anthropic-version: 2023-06-01'
ask 'completions' /v1/completions "{\"model\":\"$SEKISHO_MODEL\",\"prompt\":\"春\",\"max_tokens\":1,\"echo\":true,\"logprobs\":1}"
if [ -n "${SEKISHO_EMBEDDING:-}" ]; then
  ask 'embeddings' /v1/embeddings "{\"model\":\"$SEKISHO_EMBEDDING\",\"input\":\"春\"}"
fi
ask 'tokenize' /tokenize "{\"model\":\"$SEKISHO_MODEL\",\"prompt\":\"春\"}"
ask 'compressed body' /v1/chat/completions "$hello}" -H 'content-encoding: gzip'
TYPE='' ask 'curl -d without content-type' /v1/chat/completions "$hello}"
ask 'broken JSON' /v1/chat/completions '{'
AUTH='' ask 'no key' /v1/chat/completions "$hello}"
ask 'GET in place of POST' /v1/chat/completions ''
ask 'models' /v1/models ''
ask 'root' / ''
