//! From a request in chat to one in this format.

use serde_json::{Map, Value, json};

use super::{Block, Content, FORMAT, Message, Metadata, OutputConfig, Request, Source, Tool, ToolChoice};
use crate::{
    Error, Invalid, chat,
    rest::{path, reasoning, refuse_rest, unsupported, wrong_type},
    wire::check_range,
};

/// Most tokens of an answer where the one who asks sets no limit: this format wants one.
pub const MAX_TOKENS_DEFAULT: u64 = 4096;

impl Request {
    /// Asks the same of a server that speaks this format.
    ///
    /// # Errors
    /// [`Error::Unsupported`] for a member that has no place there, [`Error::Invalid`] for one of the wrong type or
    /// outside the range there.
    pub fn from_chat(request: chat::Request) -> Result<Self, Error> {
        refuse_unknown(&request)?;
        check_range("temperature", request.temperature, 0.0, 1.0)?;
        let max_tokens = request.completion_tokens_max().unwrap_or(MAX_TOKENS_DEFAULT);
        let mut asked = Self {
            model: request.model,
            max_tokens,
            temperature: request.temperature,
            top_p: request.top_p,
            stream: request.stream,
            stop_sequences: request.stop.map(|stop| stop.as_slice().to_vec()),
            ..Default::default()
        };
        for (index, message) in request.messages.into_iter().enumerate() {
            asked.add_message(message, &format!("messages[{index}]"))?;
        }
        let tools = request.tools.filter(|tools| !tools.is_empty());
        let tools = tools.map(|tools| tools.into_iter().enumerate().map(tool).collect());
        asked.tools = tools.transpose()?;
        asked.tool_choice = request.tool_choice.map(tool_choice).transpose()?;
        if request.parallel_tool_calls == Some(false) && asked.tools.is_some() {
            let auto = || ToolChoice { kind: "auto".to_owned(), ..Default::default() };
            let choice = asked.tool_choice.get_or_insert_with(auto);
            if choice.kind != "none" {
                choice.disable_parallel_tool_use = Some(true);
            }
        }
        asked.set_output(request.response_format)?;
        asked.set_other(request.other)?;
        Ok(asked)
    }

    fn add_message(&mut self, message: chat::Message, at: &str) -> Result<(), Error> {
        let is_result = message.role == "tool";
        let role = match message.role.as_str() {
            "developer" => "system".to_owned(),
            "tool" => "user".to_owned(),
            "user" | "assistant" | "system" => message.role.clone(),
            role => return Err(unsupported(FORMAT, format!("{at}.role: {role}"))),
        };
        if !is_result && message.tool_call_id.is_some() {
            return Err(unsupported(FORMAT, path(at, "tool_call_id")));
        }
        if role != "assistant" && message.tool_calls.as_ref().is_some_and(|calls| !calls.is_empty()) {
            return Err(unsupported(FORMAT, path(at, "tool_calls")));
        }
        let blocks = if is_result { vec![tool_result(message, at)?] } else { blocks(message, at)? };
        // What stands before the first turn has a place of its own.
        if role == "system" && self.messages.is_empty() {
            let system = self.system.take().map(Content::into_blocks).unwrap_or_default();
            self.system = Some(Content::Blocks(system.into_iter().chain(blocks).collect()));
            return Ok(());
        }
        // The results of calls that were made together are one turn.
        if is_result
            && let Some(Message { role, content: Content::Blocks(before), .. }) = self.messages.last_mut()
            && role == "user"
            && before.iter().all(|block| block.kind == "tool_result")
        {
            before.extend(blocks);
            return Ok(());
        }
        self.messages.push(Message { role, content: Content::Blocks(blocks), ..Default::default() });
        Ok(())
    }

    fn set_output(&mut self, format: Option<Map<String, Value>>) -> Result<(), Error> {
        let Some(mut format) = format else { return Ok(()) };
        match format.remove("type") {
            Some(Value::String(kind)) if kind == "text" => return Ok(()),
            Some(Value::String(kind)) if kind == "json_schema" => {}
            kind => {
                return Err(unsupported(FORMAT, format!("response_format: {}", kind.unwrap_or_default())));
            }
        }
        let Some(Value::Object(mut described)) = format.remove("json_schema") else {
            return Err(wrong_type("response_format.json_schema", "an object"));
        };
        let Some(schema) = described.remove("schema") else {
            return Err(wrong_type("response_format.json_schema.schema", "an object"));
        };
        // The name is for whoever reads; schemas hold strictly there.
        refuse_rest(FORMAT, "response_format.json_schema", &described, &["name", "strict"])?;
        let format = json!({ "type": "json_schema", "schema": schema }).as_object().cloned();
        self.output_config = Some(OutputConfig { format, ..Default::default() });
        Ok(())
    }

    fn set_other(&mut self, mut other: Map<String, Value>) -> Result<(), Error> {
        self.thinking = other.remove("thinking").filter(|thinking| !thinking.is_null());
        match other.remove("top_k") {
            None | Some(Value::Null) => {}
            Some(top_k) => {
                let Some(top_k) = top_k.as_u64() else { return Err(wrong_type("top_k", "a whole number")) };
                self.top_k = Some(top_k);
            }
        }
        if let Some(Value::String(id)) = other.remove("user") {
            self.metadata = Some(Metadata { user_id: Some(id), ..Default::default() });
        }
        if let Some(Value::String(effort)) = other.remove("reasoning_effort") {
            self.output_config.get_or_insert_default().effort = Some(effort);
        }
        refuse_rest(FORMAT, "", &other, &["service_tier", "prompt_cache_key", "prompt_cache_retention"])
    }
}

/// Members of chat that ask for what this format has not.
fn refuse_unknown(request: &chat::Request) -> Result<(), Error> {
    let asks = [
        ("n", request.n.is_some_and(|count| count != 1)),
        ("seed", request.seed.is_some()),
        ("presence_penalty", request.presence_penalty.is_some_and(|penalty| penalty != 0.0)),
        ("frequency_penalty", request.frequency_penalty.is_some_and(|penalty| penalty != 0.0)),
        ("logprobs", request.logprobs == Some(true)),
    ];
    match asks.iter().find(|row| row.1) {
        None => Ok(()),
        Some((name, _)) => Err(unsupported(FORMAT, *name)),
    }
}

fn blocks(mut message: chat::Message, at: &str) -> Result<Vec<Block>, Error> {
    let mut blocks = thoughts(&mut message.other, at)?;
    refuse_rest(FORMAT, at, &message.other, &["annotations"])?;
    blocks.extend(content_blocks(message.content, &path(at, "content"))?);
    for (index, call) in message.tool_calls.into_iter().flatten().enumerate() {
        blocks.push(tool_use(call, &format!("{at}.tool_calls[{index}]"))?);
    }
    Ok(blocks)
}

/// Only thoughts that their server signed go back to it.
fn thoughts(other: &mut Map<String, Value>, at: &str) -> Result<Vec<Block>, Error> {
    let blocks = match other.remove("thinking_blocks") {
        None | Some(Value::Null) => Vec::new(),
        Some(blocks) => serde_json::from_value(blocks)
            .map_err(|_| wrong_type(path(at, "thinking_blocks"), "an array of blocks"))?,
    };
    if blocks.is_empty() && reasoning(other).is_some() {
        return Err(unsupported(FORMAT, path(at, "reasoning_content")));
    }
    other.remove("reasoning_content");
    other.remove("reasoning");
    Ok(blocks)
}

fn content_blocks(content: Option<chat::Content>, at: &str) -> Result<Vec<Block>, Error> {
    match content {
        None => Ok(Vec::new()),
        // The format takes no empty text, and it says nothing.
        Some(chat::Content::Text(text)) if text.is_empty() => Ok(Vec::new()),
        Some(chat::Content::Text(text)) => Ok(vec![Block::text(text)]),
        Some(chat::Content::Parts(parts)) => {
            let parts = parts.into_iter().enumerate();
            parts.map(|(index, part)| part_block(part, &format!("{at}[{index}]"))).collect()
        }
    }
}

fn part_block(part: chat::Part, at: &str) -> Result<Block, Error> {
    refuse_rest(FORMAT, at, &part.other, &[])?;
    match (part.kind.as_str(), part.text, part.image_url) {
        ("text", Some(text), None) => Ok(Block::text(text)),
        ("image_url", None, Some(image)) => {
            refuse_rest(FORMAT, &path(at, "image_url"), &image.other, &["detail"])?;
            let source = Some(source(image.url, &path(at, "image_url.url"))?);
            Ok(Block { kind: "image".to_owned(), source, ..Default::default() })
        }
        (kind, ..) => Err(unsupported(FORMAT, format!("{at}: {kind}"))),
    }
}

fn source(url: String, at: &str) -> Result<Source, Error> {
    let Some(rest) = url.strip_prefix("data:") else {
        return Ok(Source { kind: "url".to_owned(), url: Some(url), ..Default::default() });
    };
    let Some((media_type, data)) = rest.split_once(";base64,") else {
        let problem = Invalid::Value { allowed: &["data:image/…;base64,…"] };
        return Err(Error::Invalid { param: at.to_owned(), problem });
    };
    Ok(Source {
        kind: "base64".to_owned(),
        media_type: Some(media_type.to_owned()),
        data: Some(data.to_owned()),
        ..Default::default()
    })
}

fn tool_result(mut message: chat::Message, at: &str) -> Result<Block, Error> {
    let is_error = message.other.remove("is_error").and_then(|value| value.as_bool()).filter(|is| *is);
    refuse_rest(FORMAT, at, &message.other, &["name"])?;
    let Some(id) = message.tool_call_id else {
        return Err(wrong_type(path(at, "tool_call_id"), "a string"));
    };
    let content = content_blocks(message.content, &path(at, "content"))?;
    Ok(Block {
        kind: "tool_result".to_owned(),
        tool_use_id: Some(id),
        content: Some(Content::Blocks(content)),
        is_error,
        ..Default::default()
    })
}

fn tool_use(call: chat::ToolCall, at: &str) -> Result<Block, Error> {
    if call.kind.as_deref().is_some_and(|kind| kind != "function") {
        return Err(unsupported(FORMAT, format!("{at}: {}", call.kind.unwrap_or_default())));
    }
    let (Some(id), Some(name)) = (call.id, call.function.name) else {
        return Err(wrong_type(at, "an id and the name of a function"));
    };
    let arguments = call.function.arguments.unwrap_or_default();
    let input = super::response_from_chat::arguments_object(&arguments)
        .ok_or_else(|| wrong_type(path(at, "function.arguments"), "the JSON of an object"))?;
    Ok(Block {
        kind: "tool_use".to_owned(),
        id: Some(id),
        name: Some(name),
        input: Some(input),
        ..Default::default()
    })
}

fn tool((index, tool): (usize, chat::Tool)) -> Result<Tool, Error> {
    let at = format!("tools[{index}]");
    let Some(mut function) = tool.function.filter(|_| tool.kind == "function") else {
        return Err(unsupported(FORMAT, format!("{at}: {}", tool.kind)));
    };
    let mut other = Map::new();
    let strict = function.other.remove("strict").filter(|strict| !strict.is_null());
    other.extend(strict.map(|strict| ("strict".to_owned(), strict)));
    refuse_rest(FORMAT, &path(&at, "function"), &function.other, &[])?;
    refuse_rest(FORMAT, &at, &tool.other, &[])?;
    Ok(Tool {
        kind: None,
        name: function.name,
        description: function.description,
        input_schema: Some(function.parameters.unwrap_or_else(|| json!({ "type": "object" }))),
        other,
    })
}

fn tool_choice(choice: Value) -> Result<ToolChoice, Error> {
    let plain = |kind: &str| Ok(ToolChoice { kind: kind.to_owned(), ..Default::default() });
    let name = choice.pointer("/function/name").and_then(Value::as_str);
    match (choice.as_str(), name) {
        (Some("auto"), _) => plain("auto"),
        (Some("required"), _) => plain("any"),
        (Some("none"), _) => plain("none"),
        (_, Some(name)) => {
            Ok(ToolChoice { kind: "tool".to_owned(), name: Some(name.to_owned()), ..Default::default() })
        }
        _ => Err(unsupported(FORMAT, "tool_choice")),
    }
}
