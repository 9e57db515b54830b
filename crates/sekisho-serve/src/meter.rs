//! Tokens: what is reserved before a call, what counts when the upstream reports nothing.

use sekisho_llm::{Request, chat, completion, wire::Usage};

/// Tokens around each message that templates add. An estimate on the high side.
const MESSAGE_TOKENS: u64 = 8;
/// Tokens of a picture. An estimate on the high side: upstreams count by size, and do not say how.
const IMAGE_TOKENS: u64 = 4096;

/// Tokens that a request may use at most, as far as can be said before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Estimate {
    pub(crate) prompt_tokens: u64,
    pub(crate) completion_tokens: u64,
}

impl Estimate {
    pub(crate) fn total(self) -> u64 {
        self.prompt_tokens.saturating_add(self.completion_tokens)
    }

    /// As what would be used if all of it were.
    pub(crate) fn with_cost(self, micro_yen: u64) -> sekisho_store::Used {
        let Self { prompt_tokens, completion_tokens } = self;
        sekisho_store::Used { prompt_tokens, completion_tokens, micro_yen }
    }
}

/// How many tokens a text has at most, near enough: one for each character outside ASCII, one for each two inside.
/// Tokenizers of Japanese models need fewer; a reservation that is too high is given back, one that is too low is not
/// noticed in time.
pub(crate) fn text_tokens(text: &str) -> u64 {
    let (mut narrow, mut wide) = (0, 0);
    for character in text.chars() {
        *(if character.is_ascii() { &mut narrow } else { &mut wide }) += 1_u64;
    }
    wide + narrow.div_ceil(2)
}

/// What a request may use. `completion_max` bounds each answer.
pub(crate) fn estimate(request: &Request, completion_max: u64) -> Estimate {
    match request {
        Request::Chat(request) => Estimate {
            prompt_tokens: chat_tokens(request),
            completion_tokens: request
                .completion_tokens_max()
                .unwrap_or(completion_max)
                .saturating_mul(u64::from(request.n.unwrap_or(1))),
        },
        Request::Completion(request) => Estimate {
            prompt_tokens: prompt_tokens(&request.prompt),
            completion_tokens: (request.max_tokens.unwrap_or(completion_max))
                .saturating_mul(u64::from(request.n.unwrap_or(1)))
                .saturating_mul(request.prompt.count() as u64),
        },
        Request::Embedding(request) => {
            Estimate { prompt_tokens: prompt_tokens(&request.input), completion_tokens: 0 }
        }
        Request::Rerank(request) => {
            let documents = request.documents.iter().map(|document| text_tokens(document.text()));
            let query = text_tokens(&request.query).saturating_mul(request.documents.len() as u64);
            Estimate { prompt_tokens: query + documents.sum::<u64>(), completion_tokens: 0 }
        }
        Request::Tokenize(_) | Request::Detokenize(_) => Estimate::default(),
    }
}

fn chat_tokens(request: &chat::Request) -> u64 {
    let tools = request.tools.iter().flatten().map(|tool| {
        let function = tool.function.as_ref();
        let parameters = function.and_then(|function| function.parameters.as_ref()).map(ToString::to_string);
        let description = function.and_then(|function| function.description.as_deref()).unwrap_or_default();
        MESSAGE_TOKENS + text_tokens(description) + parameters.map_or(0, |text| text_tokens(&text))
    });
    request.messages.iter().map(message_tokens).chain(tools).sum()
}

fn message_tokens(message: &chat::Message) -> u64 {
    let content = match &message.content {
        Some(chat::Content::Text(text)) => text_tokens(text),
        Some(chat::Content::Parts(parts)) => parts.iter().map(part_tokens).sum(),
        None => 0,
    };
    let calls = message.tool_calls.iter().flatten().filter_map(|call| call.function.arguments.as_deref());
    MESSAGE_TOKENS + content + calls.map(text_tokens).sum::<u64>()
}

fn part_tokens(part: &chat::Part) -> u64 {
    match &part.text {
        Some(text) => text_tokens(text),
        None => IMAGE_TOKENS,
    }
}

fn prompt_tokens(prompt: &completion::Prompt) -> u64 {
    match prompt {
        completion::Prompt::Text(text) => text_tokens(text),
        completion::Prompt::Texts(texts) => texts.iter().map(|text| text_tokens(text)).sum(),
        completion::Prompt::Tokens(tokens) => tokens.len() as u64,
        completion::Prompt::TokenLists(lists) => lists.iter().map(|list| list.len() as u64).sum(),
    }
}

/// What was used, and whether the upstream said so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Used {
    pub(crate) prompt_tokens: u64,
    pub(crate) completion_tokens: u64,
    pub(crate) is_estimated: bool,
}

impl Used {
    /// As the upstream reports it.
    pub(crate) fn reported(usage: &Usage) -> Self {
        let completion = usage.completion_tokens;
        let completion_tokens =
            completion.unwrap_or_else(|| usage.total_tokens.saturating_sub(usage.prompt_tokens));
        Self { prompt_tokens: usage.prompt_tokens, completion_tokens, is_estimated: false }
    }

    /// When it reports nothing: the estimate of the prompt, and the answer counted as it came.
    pub(crate) fn estimated(prompt_tokens: u64, completion_tokens: u64) -> Self {
        Self { prompt_tokens, completion_tokens, is_estimated: true }
    }
}
