//! From a request in this format to one in chat.

use serde_json::{Map, Value, json};

use super::{Content, Echo, FORMAT, Input, Item, Part, Request, Tool};
use crate::{
    Error, chat,
    rest::{content, image_part, path, refuse_rest, text_part, unsupported, wrong_type},
};

/// Members that change cost, speed or what a provider is told about whoever asks, and never the answer.
const HINTS: &[&str] =
    &["service_tier", "safety_identifier", "prompt_cache_key", "prompt_cache_retention", "stream_options"];
const LOGPROBS: &str = "message.output_text.logprobs";
/// What a model thinks comes as it is: there is nothing to be encrypted.
const REASONING: &str = "reasoning.encrypted_content";

impl Request {
    /// Asks the same in the format that the house speaks. Beside it comes what the answer repeats of the question.
    ///
    /// # Errors
    /// [`Error::Unsupported`] for a member that has no place there, [`Error::Invalid`] for one that is missing or of the
    /// wrong type.
    pub fn into_chat(self) -> Result<(chat::Request, Echo), Error> {
        self.refuse_state()?;
        let echo = Echo::of(&self);
        let mut request = chat::Request {
            model: self.model,
            messages: messages(self.instructions, self.input)?,
            stream: self.stream,
            // The last event of this format tells the usage.
            stream_options: self
                .stream
                .then(|| chat::StreamOptions { include_usage: true, ..Default::default() }),
            max_tokens: self.max_output_tokens,
            temperature: self.temperature,
            top_p: self.top_p,
            top_logprobs: self.top_logprobs.filter(|count| *count > 0),
            tool_choice: self.tool_choice.map(tool_choice).transpose()?,
            parallel_tool_calls: self.parallel_tool_calls,
            ..Default::default()
        };
        let includes = self.include.unwrap_or_default();
        for (index, include) in includes.iter().enumerate() {
            match include.as_str() {
                LOGPROBS | REASONING => {}
                include => return Err(unsupported(FORMAT, format!("include[{index}]: {include}"))),
            }
        }
        if includes.iter().any(|include| include == LOGPROBS) || request.top_logprobs.is_some() {
            request.logprobs = Some(true);
        }
        let tools = self.tools.filter(|tools| !tools.is_empty());
        let tools = tools.map(|tools| tools.into_iter().enumerate().map(tool).collect());
        request.tools = tools.transpose()?;
        set_text(&mut request, self.text.unwrap_or_default())?;
        let mut reasoning = self.reasoning.unwrap_or_default();
        let effort = reasoning.remove("effort").filter(|effort| !effort.is_null());
        request.other.extend(effort.map(|effort| ("reasoning_effort".to_owned(), effort)));
        refuse_rest(FORMAT, "reasoning", &reasoning, &["summary", "generate_summary"])?;
        request.other.extend(self.user.map(|user| ("user".to_owned(), user.into())));
        Ok((request, echo))
    }

    /// What needs a memory of earlier answers, or a server that goes on alone.
    fn refuse_state(&self) -> Result<(), Error> {
        let asks = [
            ("previous_response_id", self.previous_response_id.is_some()),
            ("store", self.store == Some(true)),
            ("background", self.background == Some(true)),
            ("truncation", self.truncation.as_deref().is_some_and(|how| how != "disabled")),
        ];
        match asks.iter().find(|row| row.1) {
            None => refuse_rest(FORMAT, "", &self.other, HINTS),
            Some((name, _)) => Err(unsupported(FORMAT, *name)),
        }
    }
}

fn messages(instructions: Option<String>, input: Input) -> Result<Vec<chat::Message>, Error> {
    let mut messages: Vec<_> =
        instructions.map(|text| chat::Message::text("system", text)).into_iter().collect();
    let items = match input {
        Input::Text(text) => {
            messages.push(chat::Message::text("user", text));
            return Ok(messages);
        }
        Input::Items(items) => items,
    };
    // Thoughts stand before what they led to.
    let mut thought: Option<(String, String)> = None;
    for (index, item) in items.into_iter().enumerate() {
        let at = format!("input[{index}]");
        let kind = item.kind.clone().unwrap_or_else(|| "message".to_owned());
        let mut message = match kind.as_str() {
            "message" => message(item, &at)?,
            "function_call" => {
                let call = tool_call(item, &at)?;
                let follows_assistant =
                    thought.is_none() && messages.last().is_some_and(|last| last.role == "assistant");
                if !follows_assistant {
                    messages.push(chat::Message { role: "assistant".to_owned(), ..Default::default() });
                }
                let mut last = messages.pop().expect("one was pushed if there was none");
                last.tool_calls.get_or_insert_default().push(call);
                last
            }
            "function_call_output" => tool_result(item, &at)?,
            "reasoning" => {
                let text = reasoning(item, &at)?;
                let before = thought.take().map(|(_, before)| format!("{before}\n\n")).unwrap_or_default();
                thought = Some((at, before + &text)).filter(|(_, text)| !text.is_empty());
                continue;
            }
            kind => return Err(unsupported(FORMAT, format!("{at}: {kind}"))),
        };
        if let Some((at, text)) = thought.take() {
            if message.role != "assistant" {
                return Err(unsupported(FORMAT, at));
            }
            message.other.insert("reasoning_content".to_owned(), text.into());
        }
        messages.push(message);
    }
    match thought {
        None => Ok(messages),
        Some((at, _)) => Err(unsupported(FORMAT, at)),
    }
}

fn message(item: Item, at: &str) -> Result<chat::Message, Error> {
    refuse_rest(FORMAT, at, &item.other, &["phase"])?;
    let role = need(item.role, at, "role")?;
    let mut other = Map::new();
    let parts = match need(item.content, at, "content")? {
        Content::Text(text) => return Ok(chat::Message::text(&role, text)),
        Content::Parts(parts) => parts,
    };
    let mut said = Vec::new();
    for (index, mut one) in parts.into_iter().enumerate() {
        let at = format!("{at}.content[{index}]");
        if one.kind == "refusal" && role == "assistant" {
            let before = other.remove("refusal").and_then(|text| text.as_str().map(str::to_owned));
            let text = before.unwrap_or_default() + &need(one.refusal.take(), &at, "refusal")?;
            other.insert("refusal".to_owned(), text.into());
        } else {
            said.push(part(one, &at)?);
        }
    }
    Ok(chat::Message { role, content: content(said), other, ..Default::default() })
}

fn part(part: Part, at: &str) -> Result<chat::Part, Error> {
    let hints = if part.kind == "input_image" { &["detail"][..] } else { &[] };
    refuse_rest(FORMAT, at, &part.other, hints)?;
    match part.kind.as_str() {
        "input_text" | "output_text" | "text" => Ok(text_part(need(part.text, at, "text")?)),
        "input_image" => Ok(image_part(need(part.image_url, at, "image_url")?)),
        kind => Err(unsupported(FORMAT, format!("{at}: {kind}"))),
    }
}

fn tool_call(item: Item, at: &str) -> Result<chat::ToolCall, Error> {
    refuse_rest(FORMAT, at, &item.other, &[])?;
    Ok(chat::ToolCall {
        id: Some(need(item.call_id, at, "call_id")?),
        kind: Some("function".to_owned()),
        function: chat::FunctionCall {
            name: Some(need(item.name, at, "name")?),
            arguments: Some(need(item.arguments, at, "arguments")?),
            ..Default::default()
        },
        ..Default::default()
    })
}

fn tool_result(item: Item, at: &str) -> Result<chat::Message, Error> {
    refuse_rest(FORMAT, at, &item.other, &[])?;
    let said = match need(item.output, at, "output")? {
        Content::Text(text) => chat::Content::Text(text),
        Content::Parts(parts) => {
            let parts = parts.into_iter().enumerate();
            let parts = parts.map(|(index, one)| part(one, &format!("{at}.output[{index}]")));
            let parts = parts.collect::<Result<_, _>>()?;
            content(parts).unwrap_or(chat::Content::Text(String::new()))
        }
    };
    Ok(chat::Message {
        role: "tool".to_owned(),
        content: Some(said),
        tool_call_id: Some(need(item.call_id, at, "call_id")?),
        ..Default::default()
    })
}

/// What was thought, or else its summary.
fn reasoning(item: Item, at: &str) -> Result<String, Error> {
    refuse_rest(FORMAT, at, &item.other, &[])?;
    let parts = match item.content {
        Some(Content::Text(text)) => return Ok(text),
        Some(Content::Parts(parts)) if !parts.is_empty() => parts,
        _ => item.summary.unwrap_or_default(),
    };
    Ok(parts.into_iter().filter_map(|part| part.text).collect::<Vec<_>>().join("\n\n"))
}

fn tool((index, tool): (usize, Tool)) -> Result<chat::Tool, Error> {
    let at = format!("tools[{index}]");
    if tool.kind != "function" {
        return Err(unsupported(FORMAT, format!("{at}: {}", tool.kind)));
    }
    refuse_rest(FORMAT, &at, &tool.other, &[])?;
    Ok(chat::Tool {
        kind: tool.kind,
        function: Some(chat::Function {
            name: need(tool.name, &at, "name")?,
            description: tool.description,
            parameters: tool.parameters.filter(|parameters| !parameters.is_null()),
            other: tool.strict.map(|strict| ("strict".to_owned(), strict.into())).into_iter().collect(),
        }),
        other: Map::new(),
    })
}

fn tool_choice(choice: Value) -> Result<Value, Error> {
    let kind = choice.get("type").and_then(Value::as_str);
    match (choice.as_str(), kind, choice.get("name").and_then(Value::as_str)) {
        (Some("auto" | "none" | "required"), ..) => Ok(choice),
        (_, Some("function"), Some(name)) => Ok(json!({ "type": "function", "function": { "name": name } })),
        (_, Some(kind), _) => Err(unsupported(FORMAT, format!("tool_choice: {kind}"))),
        _ => Err(wrong_type("tool_choice", "`auto`, `none`, `required` or a function by name")),
    }
}

fn set_text(request: &mut chat::Request, mut text: Map<String, Value>) -> Result<(), Error> {
    let verbosity = text.remove("verbosity").filter(|verbosity| !verbosity.is_null());
    request.other.extend(verbosity.map(|verbosity| ("verbosity".to_owned(), verbosity)));
    let format = text.remove("format").unwrap_or_default();
    refuse_rest(FORMAT, "text", &text, &[])?;
    let mut format = match format {
        Value::Null => return Ok(()),
        Value::Object(format) => format,
        _ => return Err(wrong_type("text.format", "an object")),
    };
    let kind = format.remove("type").unwrap_or_default();
    request.response_format = match kind.as_str() {
        Some("text") => None,
        Some("json_object") => json!({ "type": kind }).as_object().cloned(),
        // The schema with its name stands one level deeper there.
        Some("json_schema") => json!({ "type": kind, "json_schema": format }).as_object().cloned(),
        _ => return Err(unsupported(FORMAT, format!("text.format: {kind}"))),
    };
    Ok(())
}

fn need<T>(member: Option<T>, at: &str, name: &str) -> Result<T, Error> {
    member.ok_or_else(|| wrong_type(path(at, name), "it to be there"))
}
