//! The gate at work: started, reloaded, drained.

mod changes;
mod issuer;
mod reload;
mod start;

pub(crate) use start::{audit_path, store_path};

use std::{path::PathBuf, sync::Arc, time::Duration};

use sekisho_base::Code;
use sekisho_serve::{Gateway, http};
use serde_json::json;
use tokio::{
    net::TcpListener,
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
    time::{MissedTickBehavior, interval},
};

use super::{
    build::Kept,
    files::Files,
    log::Log,
    origin::Flags,
    phrases::Phrases,
    settings::{Fixed, Settings},
    traces::Tracing,
};
use crate::{
    failure::{Failure, Outcome},
    terminal::Terminal,
    words::Words,
};

/// How often files are looked at, where the settings ask for it.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long the records of requests that were cut off have to reach the log.
const RECORDS_WAIT_MAX: Duration = Duration::from_secs(10);

/// What was asked for on the command line.
#[derive(Debug, Clone)]
pub(crate) struct Places {
    pub(crate) config: PathBuf,
    pub(crate) flags: Flags,
}

/// A gate that runs.
struct Running {
    gateway: Gateway,
    places: Places,
    fixed: Fixed,
    tls: Option<http::Tls>,
    kept: Kept,
    files: Files,
    /// None once it sends, or where there is no collector.
    tracing: Option<Tracing>,
    log: Arc<Log>,
    words: Words,
}

/// Starts the gate, and returns when it was told to stop and has stopped.
pub(crate) fn run(places: Places, terminal: &Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let (settings, running) = start::start(places, words)?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().thread_name("sekisho").build().map_err(
            |error| Failure::new(Code::Internal, words.t("gate-runtime-failed")).cause(error.to_string()),
        )?;
    let (gateway, log) = (running.gateway.clone(), Arc::clone(&running.log));
    let outcome = runtime.block_on(serve(&settings, running, words));
    // Requests that were cut off are recorded by threads of the runtime: it goes when they have ended.
    runtime.shutdown_timeout(RECORDS_WAIT_MAX);
    let closed = gateway.store().close();
    drop(gateway);
    log.finish();
    outcome?;
    closed.map_err(|error| Failure::from_coded(&error, words.t("gate-store-close-failed")))
}

async fn serve(settings: &Settings, mut running: Running, words: &Words) -> Outcome {
    let address = settings.fixed.listen;
    let listener = TcpListener::bind(address).await.map_err(|error| listen_failed(&error, address, words))?;
    let bound = listener.local_addr().map_err(|error| listen_failed(&error, address, words))?;
    let unhandled = |error: std::io::Error| {
        Failure::new(Code::Internal, words.t("gate-runtime-failed")).cause(error.to_string())
    };
    let mut signals = Signals::new().map_err(unhandled)?;
    let mut reload = signal(SignalKind::hangup()).map_err(unhandled)?;
    let (stop, stopping) = watch::channel(false);
    let front = http::Front {
        gateway: running.gateway.clone(),
        phrases: Arc::new(Phrases::new()),
        limits: settings.fixed.http,
    };
    let router = http::router(front);
    let server = http::serve(listener, router, running.tls.clone(), settings.fixed.http, stopping);
    let mut server = tokio::spawn(server);
    let prober = tokio::spawn(probe(running.gateway.clone(), settings.fixed.probe_interval));
    let (log, spoken) = (Arc::clone(&running.log), Words::new(words.lang));
    let recording = tokio::spawn(changes::record_all(running.gateway.clone(), log, spoken));
    let (log, spoken) = (Arc::clone(&running.log), Words::new(words.lang));
    let every = settings.fixed.probe_interval;
    let asking = tokio::spawn(issuer::keep_keys(running.gateway.clone(), every, log, spoken));
    let (log, spoken) = (Arc::clone(&running.log), Words::new(words.lang));
    let sending = running.tracing.take().map(|tracing| tracing.start(log, spoken));
    running.record_loaded(None).await;
    running.say_listening(bound);

    let mut look = interval(LOOK_EVERY);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut has_changed = false;
    loop {
        tokio::select! {
            name = signals.stop() => {
                running.say_stopping(name);
                break;
            }
            _ = reload.recv() => {
                has_changed = false;
                running.reload("SIGHUP").await;
            }
            _ = look.tick(), if settings.fixed.reloads_on_change => {
                // Files are read once they have stood still for a while: an editor writes more than once.
                if running.files.have_changed() {
                    running.files.look_again();
                    has_changed = true;
                } else if has_changed {
                    has_changed = false;
                    running.reload("file").await;
                }
            }
            // It ends only when it is told to.
            _ = &mut server => break,
        }
    }
    prober.abort();
    recording.abort();
    asking.abort();
    let _ = stop.send(true);
    let cut = tokio::select! {
        cut = &mut server => cut.unwrap_or(0),
        // Asked twice, it does not wait for requests that still run.
        _ = signals.stop() => {
            server.abort();
            let _ = server.await;
            1
        }
    };
    running.settle_records().await;
    if let Some(sending) = sending {
        tokio::select! {
            () = sending.finish() => {}
            _ = signals.stop() => {}
        }
    }
    // The last ones; should that fail, the next start has them.
    let _ = changes::record(&running.gateway).await;
    running.say_stopped(cut);
    Ok(())
}

fn listen_failed(error: &std::io::Error, address: std::net::SocketAddr, words: &Words) -> Failure {
    let shown = address.to_string();
    let failure = Failure::new(Code::Usage, words.f("gate-listen-failed", &[("address", shown.into())]));
    failure.cause(error.to_string()).hint(words.t("gate-hint-listen"))
}

/// Asks the servers how they are, for as long as the gate runs.
async fn probe(gateway: Gateway, every: Duration) {
    let mut due = interval(every);
    due.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        due.tick().await;
        let world = gateway.world();
        let mut probes = tokio::task::JoinSet::new();
        for pool in world.routes.pools() {
            let pool = pool.clone();
            probes.spawn(async move { pool.probe().await });
        }
        while probes.join_next().await.is_some() {}
    }
}

/// Signals that ask for an end.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn stop(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}

impl Running {
    fn say_listening(&self, bound: std::net::SocketAddr) {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        let url = format!("{scheme}://{bound}");
        let world = self.gateway.world();
        let version = &*world.version;
        let origin = self.gateway.journal().origin();
        let models: Vec<&str> = world.routes.offers().map(|offer| &*offer.model).collect();
        let data = self.fixed.data.display().to_string();
        let fields = json!({
            "url": url, "settings": version, "models": models, "log_origin": origin, "data": data,
            "version": env!("CARGO_PKG_VERSION"),
        });
        let args = [
            ("url", url.into()),
            ("version", version.to_owned().into()),
            ("models", models.join(", ").into()),
            ("origin", origin.into()),
            ("data", data.into()),
        ];
        self.log.say("listening", fields, &self.words.f("gate-listening", &args));
        if self.gateway.store().principals().is_empty() {
            self.log.say("nobody", json!({}), &self.words.t("gate-nobody"));
        }
    }

    fn say_stopping(&self, signal: &'static str) {
        let seconds = self.fixed.http.drain_timeout.as_secs();
        let args = [("signal", signal.into()), ("seconds", seconds.into())];
        let fields = json!({ "signal": signal, "seconds_max": seconds });
        self.log.say("stopping", fields, &self.words.f("gate-stopping", &args));
    }

    fn say_stopped(&self, cut: usize) {
        let dropped = self.log.dropped();
        let args = [("cut", cut.into()), ("dropped", dropped.into())];
        let fields = json!({ "connections_cut": cut, "log_lines_dropped": dropped });
        self.log.say("stopped", fields, &self.words.f("gate-stopped", &args));
    }

    /// Waits until every request that was cut off has its end in the log.
    async fn settle_records(&self) {
        let until = tokio::time::Instant::now() + RECORDS_WAIT_MAX;
        while tokio::time::Instant::now() < until {
            match self.gateway.journal().status() {
                Ok(status) if status.open_records > 0 => {}
                _ => return,
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}
