#!/bin/sh
# lm-eval against a gate, with two tiny tasks of our own (lm_eval/, invented). Settings: see attempt.py, and
#   SEKISHO_TOKENIZER  a folder with the tokenizer of the model; without it the attempts that compare choices are left out
# The key has to be for one purpose only (sekisho key create … --purposes …): lm-eval states none.
set -u
gate=${SEKISHO_URL:-http://127.0.0.1:7100}
export OPENAI_API_KEY="$SEKISHO_KEY" HF_HUB_OFFLINE=1 HF_DATASETS_OFFLINE=1
tasks=$(dirname "$0")/lm_eval
lm-eval --help > /dev/null || exit 2

run() {
  printf '\n== %s\n' "$1"
  shift
  lm-eval run --include_path "$tasks" "$@" 2>&1 | tr '\r' '\n' | grep -E '^\||Error' | tail -n 5
}

run 'chat, writes' --model local-chat-completions --apply_chat_template --tasks sekisho_try_write \
  --model_args "model=$SEKISHO_MODEL,base_url=$gate/v1/chat/completions,max_retries=1"
run 'completions, writes, four at once' --model local-completions --tasks sekisho_try_write \
  --model_args "model=$SEKISHO_MODEL,base_url=$gate/v1/completions,tokenizer_backend=None,num_concurrent=4,max_retries=1"
if [ -n "${SEKISHO_TOKENIZER:-}" ]; then
  base="model=$SEKISHO_MODEL,base_url=$gate/v1/completions,tokenizer_backend=huggingface,tokenizer=$SEKISHO_TOKENIZER,max_retries=1"
  run 'completions, compares choices, prompts as text' --model local-completions --tasks sekisho_try_choice \
    --model_args "$base,tokenized_requests=False"
  run 'completions, compares choices, prompts as token ids' --model local-completions --tasks sekisho_try_choice \
    --model_args "$base"
  run 'completions, compares choices, two prompts in one request' --model local-completions --tasks sekisho_try_choice \
    --batch_size 2 --model_args "$base"
fi
