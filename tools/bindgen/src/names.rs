//! Blanks names that nothing knows any more.
//!
//! A linker collects functions and keeps data: what an implementation of `Debug` that was emptied would
//! have printed, the name of everything that can go wrong, is shipped all the same.

use std::collections::BTreeSet;

use walrus::ir::{self, Value, Visitor};
use walrus::passes::gc;
use walrus::{ConstExpr, DataKind, Module};

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
