//! Upstreams and pools against a server on this machine that misbehaves by script.

mod cancel;
mod golden;
mod live;
mod pool;
mod retry;
mod server;
mod stream;
mod tls;
mod whole;
