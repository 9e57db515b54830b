//! Every text of a request and an answer, one after another: what is screened is decided here and nowhere else.
//!
//! All strings that travel on are visited, those in members that we do not know included: what is not visited would pass
//! unseen. Names that choose (a tool, a function) are judged too; since they cannot be changed, what would be masked in one is
//! refused. Only the model's name, roles, and ids of calls are no texts.

use sekisho_base::Code;
use sekisho_guard::Direction;
use sekisho_llm::{Error, Invalid, Refusal, Request, chat, completion, embedding};
use serde_json::{Map, Value};

/// Most bytes of a text that a record keeps. Written into JSON twice they stay below what one record may hold.
pub(crate) const RECORDED_BYTES_MAX: usize = 2 << 20;
/// Values nested deeper are refused: nobody needs them, and each level costs stack.
const DEPTH_MAX: usize = 64;

/// The start of a text, of so many bytes at most, up to a whole character.
pub(crate) fn cut(text: &str, bytes_max: usize) -> &str {
    let end = (0..=bytes_max.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    &text[..end.unwrap_or(0)]
}

/// A word of a stranger, as a record can hold it.
pub(crate) fn line(word: &str, bytes_max: usize) -> String {
    let word: String =
        word.chars().map(|character| if character.is_control() { '\u{fffd}' } else { character }).collect();
    if word.is_empty() { "-".to_owned() } else { cut(&word, bytes_max).to_owned() }
}

/// What is done with each text.
pub(crate) trait Visitor {
    /// Looks at a text, and may change it. `param` says where it stands, as the error shape of the format does.
    fn text(
        &mut self,
        param: &dyn Fn() -> String,
        direction: Direction,
        text: &mut String,
    ) -> Result<(), Error>;

    /// Something that cannot be read as text, and so is not judged.
    fn opaque(&mut self, param: &dyn Fn() -> String, kind: &str) -> Result<(), Error>;
}

/// A text that must stay as it is: what would be changed in it is refused.
fn visit_fixed(
    text: &str,
    param: &dyn Fn() -> String,
    direction: Direction,
    visitor: &mut dyn Visitor,
) -> Result<(), Error> {
    let mut judged = text.to_owned();
    visitor.text(param, direction, &mut judged)?;
    if judged == text {
        return Ok(());
    }
    Err(Refusal::new(Code::GuardRefused).with("param", param()).with("reason", "name").into())
}

/// Visits every text of a request.
///
/// # Errors
/// The first of the visitor; [`Error::Invalid`] for values nested too deeply.
pub(crate) fn visit_request(request: &mut Request, visitor: &mut dyn Visitor) -> Result<(), Error> {
    match request {
        Request::Chat(request) => visit_chat(request, visitor),
        Request::Completion(request) => {
            visit_prompt(&mut request.prompt, "prompt", visitor)?;
            if let Some(suffix) = &mut request.suffix {
                visitor.text(&|| "suffix".to_owned(), Direction::Input, suffix)?;
            }
            visit_stop(request.stop.as_mut(), visitor)?;
            visit_map(&mut request.other, "", Direction::Input, 0, visitor)
        }
        Request::Embedding(request) => {
            visit_prompt(&mut request.input, "input", visitor)?;
            visit_map(&mut request.other, "", Direction::Input, 0, visitor)
        }
        Request::Rerank(request) => {
            visitor.text(&|| "query".to_owned(), Direction::Input, &mut request.query)?;
            for (index, document) in request.documents.iter_mut().enumerate() {
                visitor.text(&|| format!("documents[{index}]"), Direction::Document, document.text_mut())?;
                if let sekisho_llm::rerank::Document::Object { other, .. } = document {
                    visit_map(other, &format!("documents[{index}]"), Direction::Document, 0, visitor)?;
                }
            }
            visit_map(&mut request.other, "", Direction::Input, 0, visitor)
        }
        Request::Tokenize(request) => {
            if let Some(prompt) = &mut request.prompt {
                visitor.text(&|| "prompt".to_owned(), Direction::Input, prompt)?;
            }
            visit_messages(request.messages.iter_mut().flatten(), visitor)?;
            visit_map(&mut request.other, "", Direction::Input, 0, visitor)
        }
        Request::Detokenize(request) => {
            visitor.opaque(&|| "tokens".to_owned(), "tokens")?;
            visit_map(&mut request.other, "", Direction::Input, 0, visitor)
        }
    }
}

fn visit_chat(request: &mut chat::Request, visitor: &mut dyn Visitor) -> Result<(), Error> {
    visit_messages(request.messages.iter_mut(), visitor)?;
    for (index, tool) in request.tools.iter_mut().flatten().enumerate() {
        let at = format!("tools[{index}]");
        visit_fixed(&tool.kind, &|| format!("{at}.type"), Direction::Input, visitor)?;
        if let Some(function) = &mut tool.function {
            visit_fixed(&function.name, &|| format!("{at}.function.name"), Direction::Input, visitor)?;
            if let Some(description) = &mut function.description {
                visitor.text(&|| format!("{at}.function.description"), Direction::Input, description)?;
            }
            if let Some(parameters) = &mut function.parameters {
                visit_value(parameters, &format!("{at}.function.parameters"), Direction::Input, 0, visitor)?;
            }
            visit_map(&mut function.other, &format!("{at}.function"), Direction::Input, 0, visitor)?;
        }
        visit_map(&mut tool.other, &at, Direction::Input, 0, visitor)?;
    }
    if let Some(format) = &mut request.response_format {
        visit_map(format, "response_format", Direction::Input, 0, visitor)?;
    }
    if let Some(choice) = &mut request.tool_choice {
        visit_value(choice, "tool_choice", Direction::Input, 0, visitor)?;
    }
    visit_stop(request.stop.as_mut(), visitor)?;
    visit_map(&mut request.other, "", Direction::Input, 0, visitor)
}

fn visit_messages<'m>(
    messages: impl Iterator<Item = &'m mut chat::Message>,
    visitor: &mut dyn Visitor,
) -> Result<(), Error> {
    for (index, message) in messages.enumerate() {
        let at = format!("messages[{index}]");
        let direction = match message.role.as_str() {
            "tool" | "function" => Direction::Tool,
            _ => Direction::Input,
        };
        match &mut message.content {
            Some(chat::Content::Text(text)) => {
                visitor.text(&|| format!("{at}.content"), direction, text)?;
            }
            Some(chat::Content::Parts(parts)) => {
                for (part_index, part) in parts.iter_mut().enumerate() {
                    visit_part(part, &format!("{at}.content[{part_index}]"), direction, visitor)?;
                }
            }
            None => {}
        }
        for (call_index, call) in message.tool_calls.iter_mut().flatten().enumerate() {
            let at = format!("{at}.tool_calls[{call_index}]");
            if let Some(name) = &call.function.name {
                visit_fixed(name, &|| format!("{at}.function.name"), direction, visitor)?;
            }
            if let Some(arguments) = &mut call.function.arguments {
                visitor.text(&|| format!("{at}.function.arguments"), direction, arguments)?;
            }
            visit_map(&mut call.function.other, &format!("{at}.function"), direction, 0, visitor)?;
            visit_map(&mut call.other, &at, direction, 0, visitor)?;
        }
        visit_map(&mut message.other, &at, direction, 0, visitor)?;
    }
    Ok(())
}

fn visit_part(
    part: &mut chat::Part,
    at: &str,
    direction: Direction,
    visitor: &mut dyn Visitor,
) -> Result<(), Error> {
    if let Some(text) = &mut part.text {
        visitor.text(&|| format!("{at}.text"), direction, text)?;
    }
    if let Some(image) = &mut part.image_url {
        check_image(image, at)?;
        visit_map(&mut image.other, &format!("{at}.image_url"), direction, 0, visitor)?;
        visitor.opaque(&|| format!("{at}.image_url"), "image")?;
    } else if part.kind != "text" {
        visitor.opaque(&|| at.to_owned(), &part.kind)?;
    }
    visit_map(&mut part.other, at, direction, 0, visitor)
}

/// A picture travels in the request or not at all: an address would make the upstream fetch it, from wherever the one who
/// asks has pointed it to.
fn check_image(image: &chat::ImageUrl, at: &str) -> Result<(), Error> {
    if image.url.trim_start().get(..11).is_some_and(|start| start.eq_ignore_ascii_case("data:image/")) {
        return Ok(());
    }
    let problem = Invalid::Value { allowed: &["data:image/…"] };
    Err(Error::Invalid { param: format!("{at}.image_url.url"), problem })
}

fn visit_prompt(
    prompt: &mut completion::Prompt,
    param: &str,
    visitor: &mut dyn Visitor,
) -> Result<(), Error> {
    match prompt {
        embedding::Input::Text(text) => visitor.text(&|| param.to_owned(), Direction::Input, text),
        embedding::Input::Texts(texts) => {
            for (index, text) in texts.iter_mut().enumerate() {
                visitor.text(&|| format!("{param}[{index}]"), Direction::Input, text)?;
            }
            Ok(())
        }
        embedding::Input::Tokens(_) | embedding::Input::TokenLists(_) => {
            visitor.opaque(&|| param.to_owned(), "tokens")
        }
    }
}

fn visit_stop(stop: Option<&mut chat::Stop>, visitor: &mut dyn Visitor) -> Result<(), Error> {
    for text in stop.into_iter().flat_map(chat::Stop::as_mut_slice) {
        visitor.text(&|| "stop".to_owned(), Direction::Input, text)?;
    }
    Ok(())
}

fn visit_map(
    map: &mut Map<String, Value>,
    at: &str,
    direction: Direction,
    depth: usize,
    visitor: &mut dyn Visitor,
) -> Result<(), Error> {
    for (name, value) in map {
        let dot = if at.is_empty() { "" } else { "." };
        if matches!(value, Value::String(_) | Value::Array(_) | Value::Object(_)) {
            visit_value(value, &format!("{at}{dot}{name}"), direction, depth, visitor)?;
        }
    }
    Ok(())
}

fn visit_value(
    value: &mut Value,
    at: &str,
    direction: Direction,
    depth: usize,
    visitor: &mut dyn Visitor,
) -> Result<(), Error> {
    if depth > DEPTH_MAX {
        return Err(Error::Invalid { param: at.to_owned(), problem: Invalid::TooMany { max: DEPTH_MAX } });
    }
    match value {
        Value::String(text) => visitor.text(&|| at.to_owned(), direction, text),
        Value::Array(values) => {
            for (index, value) in values.iter_mut().enumerate() {
                visit_value(value, &format!("{at}[{index}]"), direction, depth + 1, visitor)?;
            }
            Ok(())
        }
        Value::Object(map) => visit_map(map, at, direction, depth + 1, visitor),
        _ => Ok(()),
    }
}

/// Every string in a value, however deep: the parser that made it has bounded the depth.
pub(crate) fn each_string(value: &mut Value, visit: &mut dyn FnMut(&mut String)) {
    match value {
        Value::String(text) => visit(text),
        Value::Array(values) => values.iter_mut().for_each(|value| each_string(value, visit)),
        Value::Object(map) => map.values_mut().for_each(|value| each_string(value, visit)),
        _ => {}
    }
}
