//! What a server, a damaged database or a driver gone mad may say to the core. libFuzzer looks for the
//! bytes; `FUZZ_TARGET` names what they are given to.

#![no_main]

mod headers;
mod machine;
mod source;

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

type Target = fn(&[u8]);

static TARGET: LazyLock<Target> = LazyLock::new(|| match std::env::var("FUZZ_TARGET").as_deref() {
    Ok("content-range") => headers::content_range,
    Ok("retry-after") => headers::retry_after,
    Ok("validators") => headers::validators,
    Ok("core") => machine::play,
    other => panic!("FUZZ_TARGET names no target: {other:?}"),
});

fuzz_target!(|data: &[u8]| TARGET(data));
