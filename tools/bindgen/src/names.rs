//! Blanks names that nothing knows any more, and messages of what cannot happen.
//!
//! A linker collects functions and keeps data: what an implementation of `Debug` that was emptied would
//! have printed, the name of everything that can go wrong, is shipped all the same.

use std::collections::BTreeSet;

use walrus::ir::{self, Value, Visitor};
use walrus::passes::gc;
use walrus::{ConstExpr, DataKind, Module};

/// What libraries say when a thread, a formatter or a future does what none does here: there is one thread,
/// whose values live as long as the worker, no atomic is read in an order that there is not, no formatter
/// fails, and the names of members are strings. JavaScript neither frees an engine nor has one borrowed as
/// mutable, what is called once is called by a promise, and a cell that is borrowed twice is a trap
/// (`mute.rs`).
const IMPOSSIBLE: [&str; 23] = [
    "there is no such thing as an acquire-release load",
    "there is no such thing as a release load",
    "Once instance has previously been poisoned",
    "Lazy instance has previously been poisoned",
    "one-time initialization may not be performed recursively",
    "Attempted to initialize thread-local while it is being dropped",
    "cannot access a Thread Local Storage value during or after destruction: ",
    "cannot modify the panic hook from a panicking thread",
    "a formatting trait implementation returned an error when the underlying stream did not",
    "a Display implementation returned an error unexpectedly",
    "description() is deprecated; use Display",
    "Tried to shrink to a larger capacity",
    "`async fn` resumed after completion",
    "Map key is not a string and cannot be an object key",
    "null pointer passed to rust",
    "recursive use of an object detected which would lead to unsafe aliasing in rust",
    "attempted to take ownership of Rust value while it was borrowed",
    "RefCell already mutably borrowed",
    "RefCell already borrowed",
    "FnOnce called more than once",
    "finish: callbacks should be Some",
    "finish: result should be None",
    "called after complete",
];

/// What the traps of `mute.rs` would have said.
const TRAPPED: [&str; 13] = [
    "slice index starts at ",
    " but ends at ",
    "index out of bounds: the len is ",
    " but the index is ",
    "range start index ",
    "range end index ",
    " out of range for slice of length ",
    "assertion `left ",
    " right` failed",
    "insertion index (is ",
    ") should be <= len (is ",
    "removal index (is ",
    ") should be < len (is ",
];

/// What serde-wasm-bindgen calls a value that is handed on as it is. Nothing else has a name of that length,
/// blank or not, and these characters cannot be compressed.
const MAGIC: &str = "1fc430ca-5b7f-4295-92de-33cf2b145d38";

/// How the source files are called of the standard library, and of crates that fail only with us: a panic
/// names the line that called them, and is left where they call themselves.
const PLACES: [(&str, &str); 8] = [
    ("/rustc/", ".rs"),
    ("/rust/deps/", ".rs"),
    ("hashbrown-", ".rs"),
    ("once_cell-", ".rs"),
    ("tokio-", ".rs"),
    ("js-sys-", ".rs"),
    ("indexmap-", ".rs"),
    ("console_error_panic_hook-", ".rs"),
];

/// Blanks these messages, and these places.
pub fn blank_impossible(module: &mut Module) {
    let segments: Vec<_> = module.data.iter().map(|data| data.id()).collect();
    let messages = IMPOSSIBLE.iter().chain(&TRAPPED).chain([&MAGIC]);
    let whole = messages.map(|message| (*message, ""));
    let texts: Vec<_> = whole.chain(PLACES).collect();
    for id in segments {
        let data = &mut module.data.get_mut(id).value;
        for (from, to) in &texts {
            let mut rest = 0;
            while let Some(start) = find(data, rest, from) {
                rest = start + from.len();
                let Some(end) = find(data, rest, to) else {
                    break;
                };
                let text = &mut data[start..end + to.len()];
                if text.iter().all(|byte| matches!(byte, b' '..=b'~')) {
                    text.fill(b' ');
                }
            }
        }
    }
}

/// Where a text begins, from a place on.
fn find(data: &[u8], from: usize, text: &str) -> Option<usize> {
    let place = |at: &usize| data[*at..].starts_with(text.as_bytes());
    (from..data.len()).find(place)
}

/// The addresses that functions name.
pub struct Names(BTreeSet<u32>);

impl Names {
    pub fn known(module: &Module) -> Self {
        let mut names = Self(BTreeSet::new());
        for (_, function) in module.funcs.iter_local() {
            ir::dfs_in_order(&mut names, function, function.entry_block());
        }
        names
    }

    /// Blanks what functions knew once and know no longer, and no data points to. Only what consists of
    /// letters: a table may be reached by addresses that nobody names.
    pub fn blank_forgotten(self, module: &mut Module) {
        gc::run(module);
        let now = Self::known(module).0;
        let pointers: BTreeSet<_> = segments(module)
            .flat_map(|(_, bytes)| words(bytes))
            .collect();
        let known = |address: &u32| now.contains(address) || pointers.contains(address);
        let forgotten: Vec<_> = self
            .0
            .iter()
            .copied()
            .filter(|address| !known(address))
            .collect();
        let starts: BTreeSet<_> = self.0.union(&pointers).copied().collect();
        let segments: Vec<_> = module.data.iter().map(|data| data.id()).collect();
        for id in segments {
            let data = module.data.get_mut(id);
            let Some(base) = base(data) else {
                continue;
            };
            for &address in &forgotten {
                let next = starts.range(address + 1..).next();
                let bytes = (base..).zip(&mut data.value);
                bytes
                    .skip_while(|(at, _)| *at < address)
                    .take_while(|(at, byte)| Some(at) != next && byte.is_ascii_alphabetic())
                    .for_each(|(_, byte)| *byte = 0);
            }
        }
    }
}

impl<'instr> Visitor<'instr> for Names {
    fn visit_const(&mut self, constant: &ir::Const) {
        if let Value::I32(address) = constant.value {
            self.0.insert(address as u32);
        }
    }

    fn visit_load(&mut self, load: &ir::Load) {
        self.0.insert(load.arg.offset as u32);
    }
}

fn segments(module: &Module) -> impl Iterator<Item = (u32, &[u8])> {
    module
        .data
        .iter()
        .filter_map(|data| Some((base(data)?, data.value.as_slice())))
}

/// The address at which a segment begins.
fn base(data: &walrus::Data) -> Option<u32> {
    match data.kind {
        DataKind::Active {
            offset: ConstExpr::Value(Value::I32(base)),
            ..
        } => Some(base as u32),
        _ => None,
    }
}

fn words(bytes: &[u8]) -> impl Iterator<Item = u32> + '_ {
    bytes
        .chunks_exact(4)
        .map(|word| u32::from_le_bytes([word[0], word[1], word[2], word[3]]))
}
