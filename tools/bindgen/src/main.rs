//! `bindgen <engine.wasm> <directory>`: the JavaScript bindings of the engine, for the web.
//!
//! The same library stands behind the `wasm-bindgen` command, whose installation takes minutes.

mod mute;
mod names;

use std::error::Error;
use std::path::Path;

use names::Names;
use walrus::ModuleConfig;
use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(engine), Some(directory)) = (arguments.next(), arguments.next()) else {
        return Err("usage: bindgen <engine.wasm> <directory>".into());
    };
    let engine = Path::new(&engine);
    let name = engine.file_stem().and_then(|name| name.to_str());
    // As wasm-bindgen itself reads it; names are needed until functions have been looked up by them.
    let mut module = ModuleConfig::new()
        .strict_validate(false)
        .generate_name_section(false)
        .parse_file(engine)?;
    let names = Names::known(&module);
    mute::debug_output(&mut module)?;
    mute::traps(&mut module);
    names.blank_forgotten(&mut module);
    names::blank_impossible(&mut module);
    Bindgen::new()
        .input_module(name.unwrap_or("engine"), module)
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
