//! The gate through its two doors, HTTP and `Provider`, with a scripted model behind it.

mod gate;
mod http;
