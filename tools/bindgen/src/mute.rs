//! Takes `Debug` out of the engine.
//!
//! Nothing shows it but messages of panics that invariants rule out, and even these keep their text and
//! the place in the source. For the value that was unexpected, the standard library brings escapes of
//! Unicode, and each crate the names of all that can go wrong in it: a twentieth of the file.

use std::error::Error;

use rustc_demangle::demangle;
use walrus::{FunctionBuilder, FunctionKind, Module, ValType};

/// Gives every implementation of `Debug::fmt` an empty body that reports success.
pub fn debug_output(module: &mut Module) -> Result<(), Box<dyn Error>> {
    let named = |name: &str| format!("{:#}", demangle(name)).ends_with("::fmt::Debug>::fmt");
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
