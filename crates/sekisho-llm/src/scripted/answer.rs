//! What is said to a request.

use serde_json::Value;

use super::{
    Turn, first_text, logprobs, message_text, question, schema,
    script::{Call, TEXT_DEFAULT},
    stream::{Stream, steps},
    text_of, vectors, wait,
};
use crate::{
    Ask, Error, Invalid, Request, Response, chat, completion,
    completion::Prompt,
    tokens,
    wire::{OneOrMany, Usage},
};

/// Tokens of all answers to one request at most; what is longer ends with `length`.
pub(super) const ANSWER_TOKENS_MAX: u64 = 1 << 15;
/// Tokens of a prompt at most where its log probabilities are asked for.
const SCORED_TOKENS_MAX: usize = 1 << 15;
/// Most tokens of a completion that sets no limit, as the format has it.
const COMPLETION_TOKENS_DEFAULT: u64 = 16;

/// An answer, or the beginning of one.
#[allow(clippy::large_enum_variant, reason = "made once and moved a few times; a box would cost more")]
pub(super) enum Begun {
    Whole(Response),
    Stream(Box<Stream>),
}

/// What is said in one answer of several.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// The prompt, where it comes back with the answer.
    pub(super) echo: String,
    pub(super) reasoning: String,
    pub(super) text: String,
    pub(super) calls: Vec<Call>,
    pub(super) finish: String,
}

pub(super) async fn begin(ask: &Ask, mut turn: Turn) -> Result<Begun, Error> {
    let id = &ask.id;
    Ok(Begun::Whole(match &*ask.request {
        Request::Chat(request) => {
            let said = say_chat(request, ask, &mut turn);
            let prompt_tokens = request.messages.iter().map(|message| message_text(message).len()).sum();
            let usage = usage(prompt_tokens, &said);
            return Ok(flow(ask, turn, said, usage, request.stream).await);
        }
        Request::Completion(request) => {
            let prompts = texts(&request.prompt, "prompt")?;
            let prompt_tokens = prompts.iter().map(String::len).sum();
            if request.logprobs.is_some() && prompt_tokens > SCORED_TOKENS_MAX {
                return Err(invalid("prompt", Invalid::TooMany { max: SCORED_TOKENS_MAX }));
            }
            let said = say_completions(request, &prompts, ask, &mut turn);
            let usage = usage(prompt_tokens, &said);
            return Ok(flow(ask, turn, said, usage, request.stream).await);
        }
        Request::Embedding(request) => {
            let (min, max) = (1.0, f64::from(vectors::DIMENSIONS_MAX));
            if request.dimensions.is_some_and(|count| !(1..=vectors::DIMENSIONS_MAX).contains(&count)) {
                return Err(invalid("dimensions", Invalid::Range { min, max }));
            }
            let texts = texts(&request.input, "input")?;
            Response::Embedding(vectors::embed(request, &texts, turn.dimensions))
        }
        Request::Rerank(request) => Response::Rerank(vectors::rank(request, id)),
        Request::Tokenize(request) => {
            let said = request.messages.iter().flatten().map(message_text);
            let text: String = request.prompt.iter().cloned().chain(said).collect();
            let tokens: Vec<u32> = text.bytes().map(u32::from).collect();
            let count = tokens.len() as u64;
            Response::Tokenize(tokens::TokenizeResponse { count, tokens, ..Default::default() })
        }
        Request::Detokenize(request) => {
            check_tokens(&request.tokens, "tokens")?;
            let prompt = text_of(&request.tokens);
            Response::Detokenize(tokens::DetokenizeResponse { prompt, ..Default::default() })
        }
    }))
}

/// The answers at once, after the time that their parts would have taken, or part by part.
async fn flow(ask: &Ask, mut turn: Turn, said: Vec<Said>, usage: Usage, is_streaming: bool) -> Begun {
    let is_chat = matches!(&*ask.request, Request::Chat(_));
    let steps = steps(&said, turn.rule.pace.chunk_chars, is_chat);
    if is_streaming {
        return Begun::Stream(Box::new(Stream::new(ask, turn, said, steps, usage)));
    }
    let pace = turn.rule.pace.clone();
    for _ in 1..steps.len() {
        wait(turn.chance.spread(pace.chunk, pace.jitter)).await;
        if pace.chunk.is_zero() && pace.jitter.is_zero() {
            break;
        }
    }
    Begun::Whole(match &*ask.request {
        Request::Completion(request) => Response::Completion(completion::Response {
            id: format!("cmpl-{}", ask.id),
            object: "text_completion".to_owned(),
            created: turn.created,
            model: request.model.clone(),
            choices: said
                .iter()
                .zip(0..)
                .map(|(said, index)| whole_completion(request, said, index))
                .collect(),
            usage: Some(usage),
            ..Default::default()
        }),
        other => Response::Chat(chat::Response {
            id: format!("chatcmpl-{}", ask.id),
            object: "chat.completion".to_owned(),
            created: turn.created,
            model: other.model().to_owned(),
            choices: said
                .into_iter()
                .zip(0..)
                .map(|(said, index)| whole_chat(other, said, index, &ask.id))
                .collect(),
            usage: Some(usage),
            ..Default::default()
        }),
    })
}

fn whole_chat(request: &Request, said: Said, index: u32, id: &str) -> chat::Choice {
    let logprobs = chat_logprobs(request, &said.text);
    let mut message = chat::Message { role: "assistant".to_owned(), ..Default::default() };
    if !said.reasoning.is_empty() {
        message.other.insert("reasoning_content".to_owned(), said.reasoning.into());
    }
    let calls = said.calls.into_iter().zip(0..).map(|(call, number)| chat::ToolCall {
        id: Some(call_id(id, index, number)),
        kind: Some("function".to_owned()),
        function: chat::FunctionCall {
            name: Some(call.name),
            arguments: Some(call.arguments),
            ..Default::default()
        },
        ..Default::default()
    });
    let calls: Vec<_> = calls.collect();
    if calls.is_empty() || !said.text.is_empty() {
        message.content = Some(chat::Content::Text(said.text));
    }
    message.tool_calls = (!calls.is_empty()).then_some(calls);
    chat::Choice { index, message, logprobs, finish_reason: Some(said.finish), ..Default::default() }
}

fn whole_completion(request: &completion::Request, said: &Said, index: u32) -> completion::Choice {
    let text = format!("{}{}", said.echo, said.text);
    // What is not echoed follows a prompt: its first token has a probability.
    let is_start = !said.echo.is_empty();
    completion::Choice {
        index,
        logprobs: request.logprobs.map(|top| logprobs::completion(&text, top, 0, is_start)),
        text,
        finish_reason: Some(said.finish.clone()),
        ..Default::default()
    }
}

pub(super) fn chat_logprobs(request: &Request, text: &str) -> Option<Value> {
    match request {
        Request::Chat(request) if request.logprobs == Some(true) => {
            Some(logprobs::chat(text, request.top_logprobs.unwrap_or(0)))
        }
        _ => None,
    }
}

pub(super) fn call_id(id: &str, choice: u32, number: u32) -> String {
    format!("call_{id}_{choice}_{number}")
}

fn say_chat(request: &chat::Request, ask: &Ask, turn: &mut Turn) -> Vec<Said> {
    let question = question(&ask.request);
    let last = request.messages.last().map(message_text).unwrap_or_default();
    let count = request.n.unwrap_or(1).clamp(1, chat::CHOICES_MAX);
    let limit = request.completion_tokens_max().unwrap_or(u64::MAX).min(ANSWER_TOKENS_MAX / u64::from(count));
    let words = Words { question: &question, last: &last, ask };
    (0..count)
        .map(|choice| {
            let say = &turn.rule.say;
            let mut said = Said {
                reasoning: say
                    .reasoning
                    .as_deref()
                    .map_or_else(String::new, |text| words.fill(text, turn, choice)),
                calls: say.calls.clone(),
                ..Said::default()
            };
            said.text = words.text(turn, choice, !said.calls.is_empty());
            if said.calls.is_empty()
                && let Some(json) = schema::answer(request.response_format.as_ref(), &said.text)
            {
                said.text = json;
            }
            finish(&mut said, limit, request.stop.as_ref(), turn);
            said
        })
        .collect()
}

fn say_completions(
    request: &completion::Request,
    prompts: &[String],
    ask: &Ask,
    turn: &mut Turn,
) -> Vec<Said> {
    let count = request.n.unwrap_or(1).clamp(1, chat::CHOICES_MAX);
    let all = (prompts.len() as u64 * u64::from(count)).max(1);
    let limit = request.max_tokens.unwrap_or(COMPLETION_TOKENS_DEFAULT).min(ANSWER_TOKENS_MAX / all);
    let choices = prompts.iter().flat_map(|prompt| (0..count).map(move |choice| (prompt, choice)));
    choices
        .map(|(prompt, choice)| {
            let words = Words { question: prompt, last: prompt, ask };
            let mut said = Said { text: words.text(turn, choice, false), ..Said::default() };
            finish(&mut said, limit, request.stop.as_ref(), turn);
            if request.echo == Some(true) {
                said.echo.clone_from(prompt);
            }
            said
        })
        .collect()
}

/// Ends an answer where it must end, and says why it ended.
fn finish(said: &mut Said, limit: u64, stop: Option<&OneOrMany>, turn: &Turn) {
    let reason = if said.calls.is_empty() { "stop" } else { "tool_calls" };
    reason.clone_into(&mut said.finish);
    let stops = stop.map(OneOrMany::as_slice).unwrap_or_default();
    let stops = stops.iter().filter(|stop| !stop.is_empty());
    if let Some(end) = stops.filter_map(|stop| said.text.find(stop.as_str())).min() {
        said.text.truncate(end);
        said.calls.clear();
        "stop".clone_into(&mut said.finish);
    }
    if tokens_of(said) > limit {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        cut(&mut said.reasoning, limit);
        let rest = limit - said.reasoning.len();
        cut(&mut said.text, rest);
        said.calls.clear();
        "length".clone_into(&mut said.finish);
    }
    if let Some(reason) = &turn.rule.say.finish_reason {
        said.finish.clone_from(reason);
    }
}

/// At a character's end: half a character is never said.
fn cut(text: &mut String, bytes_max: usize) {
    let mut end = bytes_max.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
}

fn tokens_of(said: &Said) -> u64 {
    let calls: usize = said.calls.iter().map(|call| call.name.len() + call.arguments.len()).sum();
    (said.reasoning.len() + said.text.len() + calls) as u64
}

fn usage(prompt_tokens: usize, said: &[Said]) -> Usage {
    let completion_tokens = said.iter().map(tokens_of).sum();
    let prompt_tokens = prompt_tokens as u64;
    let total_tokens = prompt_tokens + completion_tokens;
    Usage { prompt_tokens, completion_tokens: Some(completion_tokens), total_tokens, ..Usage::default() }
}

/// What the names in braces stand for.
struct Words<'a> {
    question: &'a str,
    last: &'a str,
    ask: &'a Ask,
}

impl Words<'_> {
    fn text(&self, turn: &mut Turn, choice: u32, has_calls: bool) -> String {
        let count = turn.rule.say.texts.len();
        match count {
            0 if has_calls => String::new(),
            0 => self.fill(TEXT_DEFAULT, turn, choice),
            _ => {
                let index = (turn.chance.next() % count as u64) as usize;
                self.fill(&turn.rule.say.texts[index], turn, choice)
            }
        }
    }

    /// In one pass: what is filled in is not looked through again.
    fn fill(&self, template: &str, turn: &Turn, choice: u32) -> String {
        let mut out = String::with_capacity(template.len() + self.question.len());
        let mut rest = template;
        while let Some(start) = rest.find('{') {
            out.push_str(&rest[..start]);
            rest = &rest[start..];
            let end = rest.find('}').map_or(1, |end| end + 1);
            match &rest[..end] {
                "{last_user}" => out.push_str(self.question),
                "{last}" => out.push_str(self.last),
                "{model}" => out.push_str(self.ask.request.model()),
                "{id}" => out.push_str(&self.ask.id),
                "{number}" => out.push_str(&turn.number.to_string()),
                "{choice}" => out.push_str(&choice.to_string()),
                _ => {
                    out.push('{');
                    rest = &rest[1..];
                    continue;
                }
            }
            rest = &rest[end..];
        }
        out + rest
    }
}

fn texts(prompt: &Prompt, param: &str) -> Result<Vec<String>, Error> {
    match prompt {
        Prompt::Texts(texts) => Ok(texts.clone()),
        Prompt::TokenLists(lists) => {
            lists.iter().try_for_each(|tokens| check_tokens(tokens, param))?;
            Ok(lists.iter().map(|tokens| text_of(tokens)).collect())
        }
        Prompt::Tokens(tokens) => check_tokens(tokens, param).map(|()| vec![first_text(prompt)]),
        Prompt::Text(_) => Ok(vec![first_text(prompt)]),
    }
}

/// Its vocabulary is the 256 bytes.
fn check_tokens(tokens: &[u32], param: &str) -> Result<(), Error> {
    if tokens.iter().all(|token| u8::try_from(*token).is_ok()) {
        return Ok(());
    }
    Err(invalid(param, Invalid::Range { min: 0.0, max: f64::from(u8::MAX) }))
}

fn invalid(param: &str, problem: Invalid) -> Error {
    Error::Invalid { param: param.to_owned(), problem }
}
