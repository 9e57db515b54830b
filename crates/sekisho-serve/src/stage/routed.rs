//! A request that may be sent to at least one upstream.

use std::{sync::Arc, time::Instant};

use sekisho_audit::record::{Outcome, PromptText};
use sekisho_llm::{Answer, Ask, Error, Request, Response, pool::is_callers_fault};
use serde_json::{Map, Value};

use super::{Case, Passed, Stopped, answered, flow::Flow};
use crate::{
    meter::{Estimate, Used},
    recorder::{Recorder, unrecorded},
    route::{Offer, Way},
    screen, texts,
};

/// A request with the upstreams that may receive it.
pub(super) struct Routed {
    pub(super) case: Case,
    pub(super) offer: Arc<Offer>,
    pub(super) estimate: Estimate,
    pub(super) screened: screen::Screened,
}

impl Routed {
    /// Asks the upstreams in turn. The record of the request is on its way to the disk meanwhile; nothing of an answer
    /// leaves here before it is durable.
    pub(super) async fn answer(self) -> Result<Passed, Stopped> {
        let Self { mut case, offer, estimate, screened } = self;
        let ways: Vec<&Way> = offer.open_ways(&screened.label).collect();
        let Some(first) = ways.first() else {
            let model = offer.model.to_string();
            return Err(case.stop(Error::NoSuchModel { model }));
        };
        case.recorder.open.upstream = Some(first.upstream.name.to_string());
        if case.world.record.keeps_input {
            let (text, other) = (what_is_sent(&case.request), &mut case.recorder.open.other);
            case.recorder.open.input = Some(recorded(text, "input_bytes", other));
        }
        let ticket = match case.recorder.begin() {
            Ok(ticket) => ticket,
            Err(error) => return Err(case.stop(error)),
        };
        case.recorder.asked_tokens = Some(estimate.prompt_tokens);
        let asked = ask_in_turn(&mut case, &ways);
        let (durable, asked) = tokio::join!(ticket, asked);
        let receipt = match durable {
            Ok(receipt) => receipt,
            Err(error) => return Err(case.stop(unrecorded(&error))),
        };
        let (answer, upstream) = match asked {
            Ok(answered) => answered,
            Err(error) => return Err(case.stop(error)),
        };
        let close = &mut case.recorder.close;
        close.scheme = Some(screened.label.scheme().id().to_owned());
        close.label = Some(screened.label.id().to_owned());
        close.other.insert("upstream".to_owned(), Value::from(&*upstream));
        let passed = |answer| Passed {
            answer,
            record: receipt.record,
            label: screened.label.id().to_owned(),
            upstream: Arc::clone(&upstream),
        };
        match answer {
            Answer::Whole(response) => {
                let response = finish_whole(case, response, &offer, &screened, estimate)?;
                Ok(passed(Answer::Whole(response)))
            }
            Answer::Stream(chunks) => {
                let flow = Flow::new(case, chunks, &offer, &screened, estimate);
                Ok(passed(Answer::Stream(Box::pin(flow))))
            }
        }
    }
}

/// The next upstream is asked when one cannot answer; what the request itself is to blame for goes back at once.
async fn ask_in_turn(case: &mut Case, ways: &[&Way]) -> Result<(Answer, Arc<str>), Error> {
    let mut attempts = Vec::new();
    let mut last = None;
    for way in ways {
        let mut request = case.request.clone();
        request.set_model(way.model.to_string());
        prepare(&mut request);
        let trace = case.recorder.ask(way);
        let ask = Ask { request: Arc::new(request), id: Arc::clone(&case.id), deadline: None, trace };
        let begun = Instant::now();
        let outcome = way.upstream.provider.ask(ask).await;
        case.shared.metrics.asked(&way.upstream.name, begun.elapsed(), outcome.as_ref().err());
        match outcome {
            Ok(answer) => {
                if !attempts.is_empty() {
                    case.recorder.close.other.insert("attempts".to_owned(), Value::from(attempts));
                }
                return Ok((answer, Arc::clone(&way.upstream.name)));
            }
            Err(error) => {
                case.recorder.failed(&error);
                attempts.push(format!("{}: {error}", way.upstream.name));
                let is_last_word = !may_try_another(&error);
                last = Some(error);
                if is_last_word {
                    break;
                }
            }
        }
    }
    case.recorder.close.other.insert("attempts".to_owned(), Value::from(attempts));
    Err(last.unwrap_or(Error::NoSuchModel { model: case.request.model().to_owned() }))
}

/// The counts of a stream are asked for whatever the client wants: budgets stand on them.
fn prepare(request: &mut Request) {
    let options = match request {
        Request::Chat(request) if request.stream => &mut request.stream_options,
        Request::Completion(request) if request.stream => &mut request.stream_options,
        _ => return,
    };
    options.get_or_insert_default().include_usage = true;
}

/// What the request itself is to blame for, no other upstream would answer differently.
fn may_try_another(error: &Error) -> bool {
    !is_callers_fault(error) && !matches!(error, Error::Invalid { .. } | Error::Refused(_))
}

/// What the record keeps of the request: that what leaves, masks in place.
fn what_is_sent(request: &Request) -> String {
    let json = match request {
        Request::Chat(request) => serde_json::to_string(&request.messages),
        Request::Completion(request) => serde_json::to_string(&request.prompt),
        Request::Embedding(request) => serde_json::to_string(&request.input),
        Request::Rerank(request) => serde_json::to_string(&(&request.query, &request.documents)),
        Request::Tokenize(request) => serde_json::to_string(&(&request.prompt, &request.messages)),
        Request::Detokenize(request) => serde_json::to_string(&request.tokens),
    };
    json.unwrap_or_default()
}

/// A text as a record keeps it. Of one that is cut, the record says how long it was.
fn recorded(mut text: String, name: &str, other: &mut Map<String, Value>) -> PromptText {
    if text.len() > texts::RECORDED_BYTES_MAX {
        other.insert(name.to_owned(), Value::from(text.len()));
        text.truncate(texts::cut(&text, texts::RECORDED_BYTES_MAX).len());
    }
    PromptText(text)
}

/// Screens an answer that came at once, and ends the request with it.
fn finish_whole(
    mut case: Case,
    mut response: Response,
    offer: &Offer,
    screened: &screen::Screened,
    estimate: Estimate,
) -> Result<Response, Stopped> {
    let screen = &case.world.screen;
    let outcome = answered::screen_response(&screen.guard, &screened.label, &screened.vault, &mut response);
    let close = &mut case.recorder.close;
    Recorder::say_found(&outcome.found, &mut close.rules, &mut close.other);
    close.verdict = Some(screen::verdict(outcome.found.action));
    let usage = answered::usage(&response);
    let counted = || Used::estimated(estimate.prompt_tokens, outcome.text_tokens);
    case.recorder.used = Some(usage.map_or_else(counted, Used::reported));
    if let Some(error) = outcome.error {
        return Err(case.stop(error));
    }
    answered::set_model(&mut response, &offer.model);
    let recorder = &mut case.recorder;
    if case.world.record.keeps_output {
        recorder.close.output = Some(recorded(outcome.text, "output_bytes", &mut recorder.close.other));
    }
    recorder.close.outcome = Outcome::Answered;
    recorder.close.ttft_ms = Some(recorder.elapsed_ms());
    case.shared.metrics.answered(&offer.model, recorder.used);
    match case.recorder.end() {
        Ok(()) => Ok(response),
        Err(error) => Err(case.stop(error)),
    }
}
