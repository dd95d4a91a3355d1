//! Why the store could not do what it was asked, with the browser's own words kept.

use std::error::Error;
use std::fmt;

use js_sys::Reflect;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::DomException;

use crate::core::StoreFailure;

/// The name under which [`StoreError::Deposed`] reaches whoever waits: no other exception has it, so they
/// know whom to ask again.
pub const DEPOSED: &str = "NoModificationAllowedError";

/// A failure of the store.
#[derive(Debug)]
pub enum StoreError {
    /// The origin's quota or the disk is exhausted. Room must be made before anything is written again.
    Quota(DomError),
    /// The connection is gone or cannot be used any more. Opening again helps.
    Connection(DomError),
    /// There is no database any more: somebody cleared the storage, or the browser did.
    Gone,
    /// Another engine has taken over. Nothing was written; this engine must stop.
    Deposed,
    /// What is stored is not what the chunk continues. Nothing was written.
    Gap,
    /// The database was made by a later version of this library, which must not be touched.
    Newer,
    /// Anything else.
    Other(DomError),
}

/// The name and message of what the browser threw.
#[derive(Debug)]
pub struct DomError {
    name: String,
    message: String,
}

impl DomError {
    fn new(cause: &JsValue) -> Self {
        if let Some(exception) = cause.dyn_ref::<DomException>() {
            return Self {
                name: exception.name(),
                message: exception.message(),
            };
        }
        let read = |key: &str| {
            let value = Reflect::get(cause, &key.into()).ok();
            value
                .and_then(|value| value.as_string())
                .unwrap_or_default()
        };
        Self {
            name: read("name"),
            message: read("message"),
        }
    }
}

impl fmt::Display for DomError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name.as_str() {
            // WebKit aborts transactions that it cannot write with no reason at all.
            "" => f.write_str("the browser gave no reason"),
            name => write!(f, "{name}: {}", self.message),
        }
    }
}

impl Error for DomError {}

impl StoreError {
    /// What a thrown value or a transaction's `error` means for the store.
    pub(super) fn classify(cause: &JsValue) -> Self {
        Self::named(DomError::new(cause))
    }

    fn named(cause: DomError) -> Self {
        match cause.name.as_str() {
            // Firefox has used the second name for a full disk.
            "QuotaExceededError" | "NS_ERROR_DOM_QUOTA_REACHED" => Self::Quota(cause),
            // WebKit: "Connection to Indexed Database server lost" is an UnknownError. What is asked for while a
            // connection is closed by force fails with the third.
            "InvalidStateError" | "UnknownError" | "AbortError" => Self::Connection(cause),
            "VersionError" => Self::Newer,
            _ => Self::Other(cause),
        }
    }

    /// The form in which the core hears of it.
    pub fn failure(&self) -> StoreFailure {
        match self {
            Self::Quota(_) => StoreFailure::Quota,
            Self::Gap => StoreFailure::Gap,
            Self::Connection(_) | Self::Gone | Self::Deposed | Self::Newer | Self::Other(_) => {
                StoreFailure::Broken
            }
        }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Quota(_) => "the storage of this origin is full",
            Self::Connection(_) => "the connection to the database was lost",
            Self::Gone => "the storage of this origin was cleared",
            Self::Deposed => "another engine has taken over this scope",
            Self::Gap => "what is stored is not what was expected",
            Self::Newer => {
                "the database was made by a newer version of background-fetch-polyfill; load that \
                 version in the service worker"
            }
            Self::Other(_) => "the database could not be used",
        })
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Quota(cause) | Self::Connection(cause) | Self::Other(cause) => Some(cause),
            Self::Gone | Self::Deposed | Self::Gap | Self::Newer => None,
        }
    }
}

impl From<JsValue> for StoreError {
    fn from(thrown: JsValue) -> Self {
        Self::classify(&thrown)
    }
}
