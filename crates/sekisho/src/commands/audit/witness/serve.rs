//! `audit witness serve`: the protocol of C2SP tlog-witness over HTTP, for few logs in a closed network.

use std::{
    error::Error as _,
    future::{Future, poll_fn},
    io::{self, Write as _},
    net::SocketAddr,
    sync::Arc,
    task::Poll,
};

use axum::{
    Router,
    body::to_bytes,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use sekisho_audit::{
    clock::to_rfc3339,
    witness::{REQUEST_BYTES_MAX, Refusal, Request as Asked, State as _},
};
use sekisho_base::Code;
use serde::Serialize;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    sync::Semaphore,
};

use super::{super::place::now_ms, Station, door::Door, open, printable};
use crate::{
    cli::ServeArgs,
    failure::{Failure, Outcome},
    terminal::Terminal,
};

/// Questions that are answered at once; others are told to come again.
const ANSWERS_MAX: usize = 8;

/// The content type of a size in a conflict, as the protocol has it.
const TLOG_SIZE: HeaderValue = HeaderValue::from_static("text/x.tlog.size");
const PLAIN: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

#[derive(Serialize)]
struct Started {
    name: String,
    verifier_key: String,
    url: String,
}

/// What every answer needs.
struct Shared {
    station: Station,
    turns: Arc<Semaphore>,
}

/// Answers until it is told to stop.
pub(in super::super) fn run(args: &ServeArgs, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let station = open(&args.place, words)?;
    let failed = |error: io::Error| {
        let address = [("address", args.listen.to_string().into())];
        Failure::new(Code::WitnessUnavailable, words.f("audit-listen-failed", &address))
            .cause(error.to_string())
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(ANSWERS_MAX)
        .build()
        .map_err(failed)?;
    runtime.block_on(async {
        let listener = TcpListener::bind(args.listen).await.map_err(failed)?;
        // Before anybody is told the address: who reads it may stop us at once.
        let stopped = stopped().map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        announce(&station, &args.place.name, address, terminal)?;
        serve(listener, station, stopped).await.map_err(failed)
    })?;
    terminal.say(&words.t("audit-witness-stopped"));
    Ok(())
}

fn announce(station: &Station, name: &str, address: SocketAddr, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let (url, verifier_key) = (format!("http://{address}"), station.verifier_keys());
    if terminal.json {
        let text = serde_json::to_string(&Started { name: name.to_owned(), verifier_key, url });
        let text = text.map_err(|error| Failure::new(Code::Internal, "JSON").cause(error.to_string()))?;
        terminal.print_line(&text)?;
    } else {
        terminal.print_line(&format!("{verifier_key}\n{url}"))?;
    }
    let logs = printable(&station.origins.join(", "));
    terminal.say(&words.f("audit-witness-started", &[("logs", logs.into())]));
    Ok(())
}

/// Ends with the first signal to stop.
fn stopped() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    let mut signals = [signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?];
    Ok(poll_fn(move |context| {
        let is_told = signals.iter_mut().any(|signal| signal.poll_recv(context).is_ready());
        if is_told { Poll::Ready(()) } else { Poll::Pending }
    }))
}

async fn serve(
    listener: TcpListener,
    station: Station,
    stopped: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let shared = Arc::new(Shared { station, turns: Arc::new(Semaphore::new(ANSWERS_MAX)) });
    let router = Router::new()
        .route("/", get(about))
        .route("/add-checkpoint", post(add_checkpoint))
        .with_state(shared);
    axum::serve(Door::new(listener), router).with_graceful_shutdown(stopped).await
}

/// Who this is, and what it has seen: public, as everything a witness says.
async fn about(State(shared): State<Arc<Shared>>) -> Response {
    in_turn(shared, |shared| {
        let station = &shared.station;
        let mut text = String::new();
        for key in station.witness.verifier_keys() {
            text += &format!("witness {}\nkey {key}\n", key.name());
        }
        for origin in &station.origins {
            match station.memory.latest(origin) {
                Ok(head) => text += &format!("log {origin} {}\n", head.map_or(0, |head| head.size)),
                Err(error) => return answer(StatusCode::INTERNAL_SERVER_ERROR, PLAIN, error.to_string()),
            }
        }
        answer(StatusCode::OK, PLAIN, text)
    })
    .await
}

async fn add_checkpoint(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let Ok(body) = to_bytes(request.into_body(), REQUEST_BYTES_MAX).await else {
        return answer(StatusCode::PAYLOAD_TOO_LARGE, PLAIN, "the request is too large\n".to_owned());
    };
    in_turn(shared, move |shared| {
        let response = judge(&shared.station, &body);
        note_down(&shared.station, &body, response.status());
        response
    })
    .await
}

/// Does what may wait for the disk on a thread of its own; more than a few are told to come again.
async fn in_turn(shared: Arc<Shared>, act: impl FnOnce(&Shared) -> Response + Send + 'static) -> Response {
    let Ok(turn) = Arc::clone(&shared.turns).try_acquire_owned() else {
        return answer(StatusCode::SERVICE_UNAVAILABLE, PLAIN, "busy; come again\n".to_owned());
    };
    let done = tokio::task::spawn_blocking(move || {
        let response = act(&shared);
        drop(turn);
        response
    });
    let failed = |_| answer(StatusCode::INTERNAL_SERVER_ERROR, PLAIN, "failed\n".to_owned());
    done.await.unwrap_or_else(failed)
}

/// The answer to a request, and what it is in HTTP.
fn judge(station: &Station, body: &[u8]) -> Response {
    let refusal = match station.witness.add_checkpoint(body, now_ms() / 1000, &station.memory) {
        Ok(cosignatures) => return answer(StatusCode::OK, PLAIN, cosignatures.to_string()),
        Err(refusal) => refusal,
    };
    let cause = refusal.source().map(|cause| format!(": {cause}")).unwrap_or_default();
    let (status, kind, text) = match &refusal {
        Refusal::Malformed(_) | Refusal::Shrinks { .. } => (StatusCode::BAD_REQUEST, PLAIN, None),
        Refusal::NotSigned(_) => (StatusCode::FORBIDDEN, PLAIN, None),
        Refusal::UnknownLog { .. } => (StatusCode::NOT_FOUND, PLAIN, None),
        Refusal::Conflict { latest } => (StatusCode::CONFLICT, TLOG_SIZE, Some(latest.to_string())),
        Refusal::Fork { .. } => (StatusCode::CONFLICT, PLAIN, None),
        Refusal::NotConsistent(_) => (StatusCode::UNPROCESSABLE_ENTITY, PLAIN, None),
        Refusal::Signing(_) | Refusal::State(_) => {
            log_line(&format!("{refusal}{cause}"));
            (StatusCode::INTERNAL_SERVER_ERROR, PLAIN, None)
        }
    };
    if matches!(refusal, Refusal::Fork { .. } | Refusal::NotConsistent(_)) {
        match station.memory.keep(body) {
            Ok(Some(path)) => log_line(&format!("{path} kept as evidence: {refusal}{cause}")),
            Ok(None) => {}
            Err(error) => log_line(&format!("evidence could not be kept: {error}")),
        }
    }
    answer(status, kind, text.unwrap_or_else(|| refusal.to_string()) + "\n")
}

fn answer(status: StatusCode, kind: HeaderValue, text: String) -> Response {
    (status, [(CONTENT_TYPE, kind)], text).into_response()
}

/// One line for each question. A size below the last one is what a log that was put back asks about.
fn note_down(station: &Station, body: &[u8], status: StatusCode) {
    let about = Asked::parse(body).map_or_else(
        |_| "malformed".to_owned(),
        |asked| {
            let (checkpoint, old) = (asked.checkpoint(), asked.old_size());
            let latest =
                station.memory.latest(checkpoint.origin()).ok().flatten().map_or(0, |head| head.size);
            let origin = printable(checkpoint.origin());
            format!("{origin} old={old} size={} latest={latest}", checkpoint.size())
        },
    );
    log_line(&format!("{} {about}", status.as_u16()));
}

/// Lines of the log of the program itself, which are English everywhere.
fn log_line(text: &str) {
    // Nobody can be told that telling failed.
    let _ = writeln!(io::stderr().lock(), "{} {text}", to_rfc3339(now_ms()));
}
