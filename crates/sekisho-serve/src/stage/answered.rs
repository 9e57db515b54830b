//! Answers that came at once: their texts, screened.

use sekisho_guard::{Guard, Label, Vault};
use sekisho_llm::{Error, Response, chat, completion, wire::Usage};
use serde_json::{Map, Value};

use crate::{
    meter,
    screen::{Found, OutText},
    texts,
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
            screener.map(&mut response.other);
        }
        Response::Completion(response) => {
            for choice in &mut response.choices {
                screener.completion_choice(choice);
            }
            screener.map(&mut response.other);
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
            let function = &mut call.function;
            for text in [&mut function.name, &mut function.arguments].into_iter().flatten() {
                self.text(text);
            }
            self.map(&mut function.other);
            self.map(&mut call.other);
        }
        self.map(&mut choice.message.other);
        self.map(&mut choice.other);
        if self.is_changed {
            // They spell out what was masked.
            choice.logprobs = None;
        }
    }

    fn completion_choice(&mut self, choice: &mut completion::Choice) {
        self.is_changed = false;
        self.text(&mut choice.text);
        self.map(&mut choice.other);
        if self.is_changed {
            choice.logprobs = None;
        }
    }

    fn map(&mut self, map: &mut Map<String, Value>) {
        map.values_mut().for_each(|value| self.value(value));
    }

    fn value(&mut self, value: &mut Value) {
        texts::each_string(value, &mut |text| self.text(text));
    }

    fn text(&mut self, text: &mut String) {
        let outcome = &mut self.outcome;
        if outcome.error.is_some() {
            text.clear();
            return;
        }
        outcome.text_tokens += meter::text_tokens(text);
        let out = OutText::whole(self.guard, self.label, self.vault, text, &mut outcome.found);
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

#[cfg(test)]
mod tests {
    use sekisho_guard::{Policy, Scheme, Vault, built_in_detectors};
    use sekisho_llm::{Response, chat};
    use serde_json::json;

    use super::screen_response;
    use crate::screen::Screen;

    #[test]
    fn nothing_of_an_answer_passes_unseen() {
        let secret = "連絡先は taro@example.jp です。";
        let answer = json!({
            "note": secret,
            "choices": [{
                "message": {
                    "role": "assistant", "content": secret, "reasoning": [{ "text": secret }],
                    "tool_calls": [{ "id": "1", "note": secret, "function": { "name": "f", "arguments": secret, "note": [secret] } }],
                },
                "note": { "deep": [secret] },
                "finish_reason": "stop",
            }],
        });
        let scheme = Scheme::built_in().remove(0);
        let label = scheme.parse_label("2").unwrap();
        let policy = Policy::parse(Policy::default_text(), &scheme).unwrap();
        let screen = Screen::new(scheme, built_in_detectors(), policy).unwrap();
        let mut response = Response::Chat(serde_json::from_value::<chat::Response>(answer).unwrap());
        let outcome = screen_response(&screen.guard, &label, &Vault::new(), &mut response);
        assert_eq!(outcome.error, None);
        let Response::Chat(response) = response else { panic!("a chat") };
        let released = serde_json::to_string(&response).unwrap();
        assert_eq!(
            (released.matches("[EMAIL]").count(), released.contains("taro")),
            (7, false),
            "{released}"
        );
    }
}
