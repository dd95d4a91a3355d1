//! The engine of a polyfill for the [Background Fetch API](https://wicg.github.io/background-fetch/).
//!
//! It runs in a service worker and downloads what pages ask for, whatever happens to the network, the
//! pages and the worker in between. Dependencies point inwards:
//!
//! - [`core`] takes every decision. It has no I/O, no clock, no randomness and sees no bytes, and it
//!   compiles on every target, so that whole downloads are simulated in `cargo test`.
//! - `store` keeps what must survive in IndexedDB, `driver` turns fetches, timers and transactions into
//!   inputs of the core and its outputs into deeds, and `bindings` is the little that JavaScript sees.
//!   These three exist on `wasm32` only.

pub mod core;
mod map;
mod queue;

#[cfg(target_arch = "wasm32")]
pub mod bindings;
#[cfg(target_arch = "wasm32")]
pub mod driver;
#[cfg(target_arch = "wasm32")]
pub mod store;

/// A sixth of the size of the standard one. Memory is grown a few pages at a time, as it was with that.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();
