//! Takes `Debug` out of the engine.
//!
//! Nothing shows it but messages of panics that invariants rule out, and even these keep their text and
//! the place in the source, except for those of `traps`. For the value that was unexpected, the standard library brings escapes of
//! Unicode, and each crate the names of all that can go wrong in it: a twentieth of the file.

use std::error::Error;

use rustc_demangle::demangle;
use walrus::{FunctionBuilder, FunctionKind, Module, ValType};

/// Gives every implementation of `Debug::fmt`, and what indents its output, an empty body that reports
/// success.
pub fn debug_output(module: &mut Module) -> Result<(), Box<dyn Error>> {
    let named = |name: &str| {
        let name = format!("{:#}", demangle(name));
        name.ends_with("::fmt::Debug>::fmt") || name.starts_with("<core::fmt::builders::PadAdapter")
    };
    let is_debug = |name: &Option<String>| name.as_deref().is_some_and(named);
    let functions = module.funcs.iter_local();
    let muted: Vec<_> = functions
        .map(|(id, function)| (id, function.ty(), function.args.clone()))
        .filter(|(id, ..)| is_debug(&module.funcs.get(*id).name))
        .collect();
    // An engine without any is one without names.
    if muted.is_empty() {
        return Err("found no implementation of Debug".into());
    }
    for (id, ty, args) in muted {
        let (params, results) = module.types.params_results(ty);
        let (params, results) = (params.to_vec(), results.to_vec());
        if results != [ValType::I32] {
            return Err("an implementation of Debug does not return a Result".into());
        }
        let mut builder = FunctionBuilder::new(&mut module.types, &params, &results);
        builder.func_body().i32_const(0);
        module.funcs.get_mut(id).kind = FunctionKind::Local(builder.local_func(args));
    }
    Ok(())
}

/// Ends at once where an index is out of bounds, a cell is borrowed twice or values are not equal, as
/// the panic would that says which: a trap, whose stack tells the place.
pub fn traps(module: &mut Module) {
    let is_failure = |name: &Option<String>| {
        let name = name.as_deref().map(|name| format!("{:#}", demangle(name)));
        let failures = [
            "core::panicking::panic_bounds_check",
            "core::slice::index::slice_index_fail",
            "core::cell::panic_already_borrowed",
            "core::cell::panic_already_mutably_borrowed",
            "core::panicking::assert_failed_inner",
        ];
        name.is_some_and(|name| {
            failures.contains(&name.as_str())
                || name.contains("alloc::vec::Vec") && name.ends_with("::assert_failed")
        })
    };
    let functions = module.funcs.iter_local();
    let ended: Vec<_> = functions
        .map(|(id, function)| (id, function.ty(), function.args.clone()))
        .filter(|(id, ..)| is_failure(&module.funcs.get(*id).name))
        .collect();
    for (id, ty, args) in ended {
        let (params, results) = module.types.params_results(ty);
        let (params, results) = (params.to_vec(), results.to_vec());
        let mut builder = FunctionBuilder::new(&mut module.types, &params, &results);
        builder.func_body().unreachable();
        module.funcs.get_mut(id).kind = FunctionKind::Local(builder.local_func(args));
    }
}
