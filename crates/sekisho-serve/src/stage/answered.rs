//! Answers that came at once: their texts, screened.

use sekisho_guard::{Guard, Label, Vault};
use sekisho_llm::{Error, Response, chat, completion, wire::Usage};
use serde_json::Value;

use crate::{
    meter,
    screen::{Found, OutText},
};

/// What screening an answer gave.
#[derive(Default)]
pub(super) struct Outcome {
    pub(super) found: Found,
    /// What goes out, for the record.
    pub(super) text: String,
    /// About how many tokens it has.
    pub(super) text_tokens: u64,
    /// Set when it may not go out.
    pub(super) error: Option<Error>,
}

struct Screener<'a> {
    guard: &'a Guard,
    label: &'a Label,
    vault: &'a Vault,
    outcome: Outcome,
    is_changed: bool,
}

/// Screens all texts of an answer in place.
pub(super) fn screen_response(
    guard: &Guard,
    label: &Label,
    vault: &Vault,
    response: &mut Response,
) -> Outcome {
    let mut screener = Screener { guard, label, vault, outcome: Outcome::default(), is_changed: false };
    match response {
        Response::Chat(response) => {
            for choice in &mut response.choices {
                screener.chat_choice(choice);
            }
        }
        Response::Completion(response) => {
            for choice in &mut response.choices {
                screener.completion_choice(choice);
            }
        }
        // Numbers, and what the one who asked sent.
        Response::Embedding(_) | Response::Tokenize(_) => {}
        Response::Rerank(response) => {
            for ranked in &mut response.results {
                // The text of a document was screened on its way in; it comes back as it was sent, masks in place.
                if let Some(document) = &mut ranked.document {
                    screener.value(document);
                }
            }
        }
        Response::Detokenize(response) => screener.text(&mut response.prompt),
    }
    screener.outcome
}

impl Screener<'_> {
    fn chat_choice(&mut self, choice: &mut chat::Choice) {
        self.is_changed = false;
        if let Some(content) = &mut choice.message.content {
            for text in content.texts_mut() {
                self.text(text);
            }
        }
        for call in choice.message.tool_calls.iter_mut().flatten() {
            if let Some(arguments) = &mut call.function.arguments {
                self.text(arguments);
            }
        }
        for value in choice.message.other.values_mut() {
            self.value(value);
        }
        if self.is_changed {
            // They spell out what was masked.
            choice.logprobs = None;
        }
    }

    fn completion_choice(&mut self, choice: &mut completion::Choice) {
        self.is_changed = false;
        self.text(&mut choice.text);
        if self.is_changed {
            choice.logprobs = None;
        }
    }

    fn value(&mut self, value: &mut Value) {
        match value {
            Value::String(text) => self.text(text),
            Value::Array(values) => values.iter_mut().for_each(|value| self.value(value)),
            Value::Object(map) => map.values_mut().for_each(|value| self.value(value)),
            _ => {}
        }
    }

    fn text(&mut self, text: &mut String) {
        let outcome = &mut self.outcome;
        if outcome.error.is_some() {
            text.clear();
            return;
        }
        outcome.text_tokens += meter::text_tokens(text);
        let mut screening = OutText::new(self.guard, self.label, self.vault);
        let mut out = screening.push(text, &mut outcome.found);
        if out.refusal.is_none() {
            let rest = screening.finish(&mut outcome.found);
            out.text.push_str(&rest.text);
            out.refusal = rest.refusal;
        }
        self.is_changed |= out.text != *text;
        outcome.error = out.refusal;
        if !outcome.text.is_empty() {
            outcome.text.push('\n');
        }
        outcome.text.push_str(&out.text);
        *text = out.text;
    }
}

/// What an answer says of its tokens.
pub(super) fn usage(response: &Response) -> Option<&Usage> {
    match response {
        Response::Chat(response) => response.usage.as_ref(),
        Response::Completion(response) => response.usage.as_ref(),
        Response::Embedding(response) => response.usage.as_ref(),
        Response::Rerank(response) => response.usage.as_ref(),
        Response::Tokenize(_) | Response::Detokenize(_) => None,
    }
}

/// The one who asked knows the model by the name it is offered under.
pub(super) fn set_model(response: &mut Response, model: &str) {
    match response {
        Response::Chat(response) => model.clone_into(&mut response.model),
        Response::Completion(response) => model.clone_into(&mut response.model),
        Response::Embedding(response) => model.clone_into(&mut response.model),
        Response::Rerank(response) => response.model = Some(model.to_owned()),
        Response::Tokenize(_) | Response::Detokenize(_) => {}
    }
}
