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
const IMPOSSIBLE: [&str; 20] = [
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
];

/// Before the compiler's revision in the names of its source files, and how long both are.
const REVISION: &str = "/rustc/";
const REVISION_LENGTH: usize = 47;

/// Blanks these messages, and the revision.
pub fn blank_impossible(module: &mut Module) {
    let segments: Vec<_> = module.data.iter().map(|data| data.id()).collect();
    let messages = IMPOSSIBLE.map(|message| (message, message.len(), b' '));
    for id in segments {
        let data = &mut module.data.get_mut(id).value;
        for (text, length, blank) in messages
            .into_iter()
            .chain([(REVISION, REVISION_LENGTH, b'/')])
        {
            let mut rest = 0;
            while let Some(place) = data[rest..]
                .windows(text.len())
                .position(|bytes| bytes == text.as_bytes())
            {
                let place = rest + place;
                rest = (place + length).min(data.len());
                data[place..rest].fill(blank);
            }
        }
    }
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
