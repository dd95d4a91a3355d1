//! The core in a simulated world: servers, a network, a store and a clock whose every move is known.

mod abort;
mod availability;
mod bodies;
mod bytes;
mod chance;
mod checks;
mod complete_record;
mod driver;
mod flush;
mod headers;
mod partial_response;
mod pause;
mod perform;
mod politeness;
mod random;
mod restore;
mod rng;
mod scenario;
mod server;
mod store;
mod transfers;
mod update_instances;
mod windows;
mod world;
mod writes;
