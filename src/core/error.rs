//! Contract errors: how a driver can misuse the core.

use std::fmt;

/// A mistake of the driver, never of a server, a page or a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// An input was given while outputs were waiting. Drain [`Core::poll_output`] first: an output
    /// that is done late could undo what the new input decided.
    ///
    /// [`Core::poll_output`]: super::Core::poll_output
    NotDrained,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotDrained => f.write_str("an input was given before all outputs were taken"),
        }
    }
}

impl std::error::Error for Error {}

/// Why a background fetch cannot be started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartError {
    /// The driver broke the one rule.
    Contract(Error),
    /// [`fetch()`](https://wicg.github.io/background-fetch/#background-fetch-manager-fetch): an active
    /// background fetch has this id. The caller may choose another or wait for that one's end.
    IdTaken,
}

impl From<Error> for StartError {
    fn from(error: Error) -> Self {
        Self::Contract(error)
    }
}
