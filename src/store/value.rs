//! Bytes as the store takes them: a Blob, or an ArrayBuffer where they are few or Blobs cannot be stored.

use js_sys::{Array, ArrayBuffer, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

/// Fewer bytes than this are stored as a buffer: a Blob in IndexedDB is a file of its own, which costs
/// more than its bytes do (measured in three engines, `docs/performance.md`).
pub const SMALL: u64 = 64 << 10;

/// Length in bytes of a Blob, an ArrayBuffer or a view; 0 for anything else.
pub fn length(value: &JsValue) -> u64 {
    if let Some(blob) = value.dyn_ref::<Blob>() {
        blob.size() as u64
    } else if let Some(buffer) = value.dyn_ref::<ArrayBuffer>() {
        u64::from(buffer.byte_length())
    } else {
        value
            .dyn_ref::<Uint8Array>()
            .map_or(0, |bytes| u64::from(bytes.byte_length()))
    }
}

/// The first `length` bytes of a part, and the rest.
pub fn split(part: &JsValue, at: u64) -> (JsValue, JsValue) {
    if let Some(blob) = part.dyn_ref::<Blob>() {
        let slice = |from: u64, to: u64| {
            let slice = blob.slice_with_f64_and_f64(from as f64, to as f64);
            slice.map_or(JsValue::UNDEFINED, JsValue::from)
        };
        return (slice(0, at), slice(at, length(part)));
    }
    let bytes = view(part);
    // A view in memory is shorter than 2^32 bytes, so is every offset into it.
    (
        bytes.subarray(0, at as u32).into(),
        bytes.subarray(at as u32, bytes.length()).into(),
    )
}

/// Joins parts into the value of a chunk. With `blobs`, many bytes stay where the browser keeps them.
pub fn join(parts: &[JsValue], blobs: bool) -> Result<JsValue, JsValue> {
    let total = parts.iter().map(length).sum::<u64>();
    if blobs && (total >= SMALL || parts.iter().any(|part| part.has_type::<Blob>())) {
        if let [only] = parts
            && only.has_type::<Blob>()
        {
            return Ok(only.clone());
        }
        let parts: Array = parts.iter().collect();
        return Blob::new_with_blob_sequence(&parts).map(JsValue::from);
    }
    if let [part] = parts {
        let bytes = view(part);
        if bytes.length() == bytes.buffer().byte_length() {
            return Ok(bytes.buffer().into());
        }
    }
    let whole = Uint8Array::new_with_length(total as u32);
    let mut offset = 0;
    for part in parts {
        let part = view(part);
        whole.set(&part, offset);
        offset += part.length();
    }
    Ok(whole.buffer().into())
}

/// A part that is no Blob, as bytes; copies nothing.
fn view(part: &JsValue) -> Uint8Array {
    match part.dyn_ref::<Uint8Array>() {
        Some(bytes) => bytes.clone(),
        None => Uint8Array::new(part),
    }
}

/// Copies bytes `from` to `to` of a stored chunk into memory.
pub async fn bytes(value: &JsValue, from: u64, to: u64) -> Result<Vec<u8>, JsValue> {
    let buffer = match value.dyn_ref::<Blob>() {
        Some(blob) => {
            let slice = blob.slice_with_f64_and_f64(from as f64, to as f64)?;
            JsFuture::from(slice.array_buffer()).await?
        }
        None => {
            return Ok(Uint8Array::new(value)
                .subarray(from as u32, to as u32)
                .to_vec());
        }
    };
    Ok(Uint8Array::new(&buffer).to_vec())
}
