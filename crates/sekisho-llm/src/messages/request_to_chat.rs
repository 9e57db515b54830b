//! From a request in this format to one in chat.

use serde_json::{Map, Value, json};

use super::{
    Block, Content, FORMAT, HINTS, Message, Metadata, OutputConfig, Request, Source, Tool, ToolChoice,
};
use crate::{
    Error, chat,
    rest::{content, image_part, path, refuse_rest, text_part, unsupported, wrong_type},
};

impl Request {
    /// Asks the same in the format that the house speaks.
    ///
    /// # Errors
    /// [`Error::Unsupported`] for a member that has no place there, [`Error::Invalid`] for one that is missing or of the
    /// wrong type.
    pub fn into_chat(self) -> Result<chat::Request, Error> {
        refuse_rest(FORMAT, "", &self.other, HINTS)?;
        let mut request = chat::Request {
            model: self.model,
            max_tokens: Some(self.max_tokens),
            temperature: self.temperature,
            top_p: self.top_p,
            stop: self.stop_sequences.map(chat::Stop::Many),
            stream: self.stream,
            // The last event of this format tells the usage.
            stream_options: self
                .stream
                .then(|| chat::StreamOptions { include_usage: true, ..Default::default() }),
            ..Default::default()
        };
        if let Some(system) = self.system {
            let message = Message { role: "system".to_owned(), content: system, ..Default::default() };
            add_message(&mut request.messages, message, "system")?;
        }
        for (index, message) in self.messages.into_iter().enumerate() {
            let at = format!("messages[{index}]");
            refuse_rest(FORMAT, &at, &message.other, HINTS)?;
            add_message(&mut request.messages, message, &path(&at, "content"))?;
        }
        let tools = self.tools.filter(|tools| !tools.is_empty());
        let tools = tools.map(|tools| tools.into_iter().enumerate().map(tool).collect());
        request.tools = tools.transpose()?;
        if let Some(choice) = self.tool_choice {
            set_tool_choice(&mut request, choice)?;
        }
        if let Some(output) = self.output_config {
            set_output(&mut request, output)?;
        }
        if let Some(Metadata { user_id, other }) = self.metadata {
            refuse_rest(FORMAT, "metadata", &other, &[])?;
            request.other.extend(user_id.map(|id| ("user".to_owned(), id.into())));
        }
        request.other.extend(self.top_k.map(|top_k| ("top_k".to_owned(), top_k.into())));
        request.other.extend(self.thinking.map(|thinking| ("thinking".to_owned(), thinking)));
        Ok(request)
    }
}

/// One turn can be several messages there: each result of a tool is one.
fn add_message(messages: &mut Vec<chat::Message>, message: Message, at: &str) -> Result<(), Error> {
    let role = message.role;
    let blocks = match message.content {
        Content::Text(text) => {
            messages.push(chat::Message::text(&role, text));
            return Ok(());
        }
        Content::Blocks(blocks) => blocks,
    };
    let mut parts = Vec::new();
    let mut calls = Vec::new();
    let mut other = Map::new();
    for (index, block) in blocks.into_iter().enumerate() {
        let at = format!("{at}[{index}]");
        refuse_rest(FORMAT, &at, &block.other, HINTS)?;
        match (block.kind.as_str(), role.as_str()) {
            ("text", _) => parts.push(text_part(need(block.text, &at, "text")?)),
            ("image", "user") => parts.push(image(block, &at)?),
            ("tool_result", "user") => {
                flush(messages, &role, &mut parts);
                messages.push(tool_result(block, &at)?);
            }
            ("tool_use", "assistant") => calls.push(tool_call(block, &at)?),
            ("thinking" | "redacted_thinking", "assistant") => add_thought(&mut other, block)?,
            (kind, _) => return Err(unsupported(FORMAT, format!("{at}: {kind}"))),
        }
    }
    if role == "assistant" {
        let tool_calls = (!calls.is_empty()).then_some(calls);
        messages.push(chat::Message {
            role,
            content: content(parts),
            tool_calls,
            other,
            ..Default::default()
        });
    } else {
        flush(messages, &role, &mut parts);
    }
    Ok(())
}

fn flush(messages: &mut Vec<chat::Message>, role: &str, parts: &mut Vec<chat::Part>) {
    if let Some(content) = content(std::mem::take(parts)) {
        messages.push(chat::Message { role: role.to_owned(), content: Some(content), ..Default::default() });
    }
}

fn image(block: Block, at: &str) -> Result<chat::Part, Error> {
    let at = path(at, "source");
    let Source { kind, media_type, data, url, other } = need(block.source, &at, "")?;
    refuse_rest(FORMAT, &at, &other, &[])?;
    match kind.as_str() {
        "base64" => {
            let media_type = need(media_type, &at, "media_type")?;
            let data = need(data, &at, "data")?;
            Ok(image_part(format!("data:{media_type};base64,{data}")))
        }
        "url" => Ok(image_part(need(url, &at, "url")?)),
        kind => Err(unsupported(FORMAT, format!("{at}: {kind}"))),
    }
}

fn tool_result(block: Block, at: &str) -> Result<chat::Message, Error> {
    let mut other = Map::new();
    if block.is_error == Some(true) {
        other.insert("is_error".to_owned(), true.into());
    }
    let blocks = block.content.map(Content::into_blocks).unwrap_or_default();
    let parts = blocks.into_iter().enumerate().map(|(index, block)| {
        let at = format!("{at}.content[{index}]");
        refuse_rest(FORMAT, &at, &block.other, HINTS)?;
        match block.kind.as_str() {
            "text" => Ok(text_part(need(block.text, &at, "text")?)),
            "image" => image(block, &at),
            kind => Err(unsupported(FORMAT, format!("{at}: {kind}"))),
        }
    });
    let parts: Vec<chat::Part> = parts.collect::<Result<_, _>>()?;
    Ok(chat::Message {
        role: "tool".to_owned(),
        content: Some(content(parts).unwrap_or(chat::Content::Text(String::new()))),
        tool_call_id: Some(need(block.tool_use_id, at, "tool_use_id")?),
        other,
        ..Default::default()
    })
}

fn tool_call(block: Block, at: &str) -> Result<chat::ToolCall, Error> {
    let input = block.input.unwrap_or_else(|| json!({}));
    if !input.is_object() {
        return Err(wrong_type(path(at, "input"), "an object"));
    }
    Ok(chat::ToolCall {
        id: Some(need(block.id, at, "id")?),
        kind: Some("function".to_owned()),
        function: chat::FunctionCall {
            name: Some(need(block.name, at, "name")?),
            arguments: Some(input.to_string()),
            ..Default::default()
        },
        ..Default::default()
    })
}

/// A thought that its server will know again stays whole; another is only a text.
fn add_thought(other: &mut Map<String, Value>, block: Block) -> Result<(), Error> {
    let is_signed = block.signature.as_deref().is_some_and(|signature| !signature.is_empty());
    if is_signed || block.kind == "redacted_thinking" {
        let block = serde_json::to_value(block).map_err(|error| wrong_type("", &error.to_string()))?;
        let blocks = other.entry("thinking_blocks").or_insert_with(|| json!([]));
        blocks.as_array_mut().expect("made as an array right above").push(block);
        return Ok(());
    }
    let text = other.entry("reasoning_content").or_insert_with(|| "".into());
    let said = text.as_str().unwrap_or_default();
    let gap = if said.is_empty() { "" } else { "\n\n" };
    *text = format!("{said}{gap}{}", block.thinking.unwrap_or_default()).into();
    Ok(())
}

fn tool((index, tool): (usize, Tool)) -> Result<chat::Tool, Error> {
    let at = format!("tools[{index}]");
    if let Some(kind) = tool.kind.filter(|kind| kind != "custom") {
        return Err(unsupported(FORMAT, format!("{at}: {kind}")));
    }
    let mut rest = tool.other;
    let mut other = Map::new();
    other
        .extend(rest.remove("strict").filter(|strict| !strict.is_null()).map(|it| ("strict".to_owned(), it)));
    refuse_rest(FORMAT, &at, &rest, &["cache_control", "eager_input_streaming"])?;
    Ok(chat::Tool {
        kind: "function".to_owned(),
        function: Some(chat::Function {
            name: tool.name,
            description: tool.description,
            parameters: Some(need(tool.input_schema, &at, "input_schema")?),
            other,
        }),
        other: Map::new(),
    })
}

fn set_tool_choice(request: &mut chat::Request, choice: ToolChoice) -> Result<(), Error> {
    refuse_rest(FORMAT, "tool_choice", &choice.other, &[])?;
    request.tool_choice = Some(match choice.kind.as_str() {
        "auto" => "auto".into(),
        "any" => "required".into(),
        "none" => "none".into(),
        "tool" => {
            let name = need(choice.name, "tool_choice", "name")?;
            json!({ "type": "function", "function": { "name": name } })
        }
        kind => return Err(unsupported(FORMAT, format!("tool_choice: {kind}"))),
    });
    if choice.disable_parallel_tool_use == Some(true) {
        request.parallel_tool_calls = Some(false);
    }
    Ok(())
}

fn set_output(request: &mut chat::Request, output: OutputConfig) -> Result<(), Error> {
    refuse_rest(FORMAT, "output_config", &output.other, &[])?;
    request.other.extend(output.effort.map(|effort| ("reasoning_effort".to_owned(), effort.into())));
    let Some(mut format) = output.format else { return Ok(()) };
    let at = "output_config.format";
    match format.remove("type") {
        Some(Value::String(kind)) if kind == "json_schema" => {}
        kind => return Err(unsupported(FORMAT, format!("{at}: {}", kind.unwrap_or_default()))),
    }
    let schema = need(format.remove("schema"), at, "schema")?;
    refuse_rest(FORMAT, at, &format, &[])?;
    let schema = json!({ "name": "output", "schema": schema, "strict": true });
    request.response_format = json!({ "type": "json_schema", "json_schema": schema }).as_object().cloned();
    Ok(())
}

fn need<T>(member: Option<T>, at: &str, name: &str) -> Result<T, Error> {
    let param = || if name.is_empty() { at.to_owned() } else { path(at, name) };
    member.ok_or_else(|| wrong_type(param(), "it to be there"))
}
