//! `bindgen <engine.wasm> <directory>`: the JavaScript bindings of the engine, for the web.
//!
//! The same library stands behind the `wasm-bindgen` command, whose installation takes minutes.

use std::error::Error;

use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(engine), Some(directory)) = (arguments.next(), arguments.next()) else {
        return Err("usage: bindgen <engine.wasm> <directory>".into());
    };
    Bindgen::new()
        .input_path(engine)
        // The worker's entries say where the Wasm is. A default beside it would have bundlers of
        // applications look for a file that is not shipped.
        .omit_default_module_path(true)
        // Names are half of the file; the feature section, which wasm-opt reads, stays.
        .remove_name_section(true)
        .typescript(true)
        .web(true)?
        .generate(directory)?;
    Ok(())
}
