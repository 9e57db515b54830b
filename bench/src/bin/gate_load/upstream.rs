//! A model server that costs nearly nothing: the same answer each time, whole or in 50 pieces.

use std::{convert::Infallible, net::SocketAddr, time::Duration};

use bytes::Bytes;
use http_body_util::{BodyExt, Full, StreamBody, combinators::BoxBody};
use hyper::{Request, Response, StatusCode, body::Frame, body::Incoming, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpListener, sync::mpsc};

/// Pieces of a streamed answer.
pub(crate) const PIECES: usize = 50;
/// Between the pieces of the model `slow`.
const SLOW: Duration = Duration::from_millis(200);

/// Of so many questions to the model `faulty`, three fail at once and one waits; some streams break off.
const FAULTS: usize = 24;

type Body = BoxBody<Bytes, Infallible>;

pub(crate) async fn serve(address: SocketAddr) -> std::io::Result<()> {
    let listener = TcpListener::bind(address).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(async move {
            let service = service_fn(answer);
            hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await
        });
    }
}

async fn answer(request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
    let path = request.uri().path().to_owned();
    let Ok(body) = request.into_body().collect().await else { return Ok(plain(StatusCode::BAD_REQUEST, "")) };
    let body = body.to_bytes();
    let has = |text: &str| body.windows(text.len()).any(|part| part == text.as_bytes());
    if path.ends_with("/models") {
        return Ok(plain(StatusCode::OK, r#"{"object":"list","data":[{"id":"fast","object":"model"}]}"#));
    }
    let faulty = has(r#""model":"faulty""#);
    // Which fault comes is told by the length of the question, so that a run can be repeated.
    match if faulty { body.len() % FAULTS } else { FAULTS } {
        0 => return Ok(plain(StatusCode::INTERNAL_SERVER_ERROR, r#"{"error":{"message":"out of memory"}}"#)),
        1 => return Ok(plain(StatusCode::TOO_MANY_REQUESTS, r#"{"error":{"message":"busy"}}"#)),
        2 => return Ok(plain(StatusCode::OK, "{\"choices\":[")),
        3 => tokio::time::sleep(Duration::from_millis(150)).await,
        _ => {}
    }
    if !has(r#""stream":true"#) {
        return Ok(plain(StatusCode::OK, &whole()));
    }
    let cut_at = if faulty && body.len().is_multiple_of(FAULTS - 1) { PIECES / 2 } else { PIECES };
    let (sender, receiver) = mpsc::channel::<Result<Frame<Bytes>, Infallible>>(8);
    let pause = has(r#""model":"slow""#).then_some(SLOW);
    tokio::spawn(async move {
        for index in 0..cut_at {
            if let Some(pause) = pause {
                tokio::time::sleep(pause).await;
            }
            if sender.send(Ok(Frame::data(piece(index)))).await.is_err() {
                return;
            }
        }
        if cut_at == PIECES {
            let end = format!(
                "data: {}\n\ndata: [DONE]\n\n",
                r#"{"id":"c1","object":"chat.completion.chunk","created":1,"model":"fast","choices":[],"usage":{"prompt_tokens":300,"completion_tokens":50,"total_tokens":350}}"#
            );
            sender.send(Ok(Frame::data(end.into()))).await.ok();
        }
    });
    let body = StreamBody::new(tokio_stream(receiver)).boxed();
    Ok(Response::builder().header("content-type", "text/event-stream").body(body).unwrap_or_default())
}

fn tokio_stream<T>(mut receiver: mpsc::Receiver<T>) -> impl futures_core::Stream<Item = T> {
    futures_util::stream::poll_fn(move |context| receiver.poll_recv(context))
}

fn plain(status: StatusCode, text: &str) -> Response<Body> {
    let body = Full::new(Bytes::copy_from_slice(text.as_bytes())).boxed();
    Response::builder()
        .status(status)
        .header("content-type", "application/json")
        .body(body)
        .unwrap_or_default()
}

/// An answer of about 120 characters.
const ANSWER: &str = "ご質問の件は、来月の広報紙でお知らせする予定です。それまでの間は、窓口でご案内しています。受付は平日の午前九時から午後五時までで、\
    予約は要りません。混み合う時間は昼ごろです。ほかに分からないことがあれば、またお尋ねください。";

fn whole() -> String {
    format!(
        r#"{{"id":"c1","object":"chat.completion","created":1,"model":"fast","choices":[{{"index":0,"message":{{"role":"assistant","content":"{ANSWER}"}},"finish_reason":"stop"}}],"usage":{{"prompt_tokens":300,"completion_tokens":50,"total_tokens":350}}}}"#
    )
}

/// Two or three characters, as models write them; the last ends the answer.
fn piece(index: usize) -> Bytes {
    let text: String = ANSWER.chars().skip(index * 2).take(2).collect();
    let (delta, reason) = if index + 1 == PIECES {
        ("{}".to_owned(), r#""stop""#)
    } else {
        (format!(r#"{{"content":"{text}"}}"#), "null")
    };
    format!(
        "data: {{\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"fast\",\"choices\":[{{\"index\":0,\"delta\":{delta},\"finish_reason\":{reason}}}]}}\n\n"
    )
    .into()
}
