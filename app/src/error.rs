//! The error that crosses the wire: codes and field violations only, never free text, because
//! without JavaScript it may pass through a draft, and with it through anybody's console.

use domain::violation::Violations;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};

use crate::wire::WireEncoding;

/// Why a server function did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AppError {
    /// What was typed breaks rules; each violation names its field.
    Invalid(Violations),
    /// Nobody is signed in.
    SignInRequired,
    /// The second step of signing in is missing.
    SecondFactorRequired,
    /// The action wants a fresh proof of who is there.
    StepUpRequired,
    /// New terms have to be agreed to first.
    TermsDue,
    /// Signed in, but without the right.
    NotAllowed,
    /// It does not exist, or may not be known to exist.
    NotFound,
    /// The state of the world stands in the way; a code of the catalogue.
    Conflict(String),
    /// A link or draft whose time has run out; which one.
    Expired(String),
    /// Too many attempts.
    SlowDown {
        /// Seconds until the next attempt is let through.
        retry_after_seconds: u32,
    },
    /// The service cannot do it now; nothing was changed.
    Unavailable,
    /// A fault, logged under this incident.
    Unexpected {
        /// What a person can quote.
        incident: String,
    },
    /// The request did not reach the server or its answer did not come back.
    Transport,
}

impl AppError {
    /// Whether somebody else has changed what the page was about.
    pub fn is_stale(&self) -> bool {
        matches!(self, Self::Conflict(code) if code == "conflict.stale")
    }

    /// The HTTP status that says the same.
    pub const fn status(&self) -> u16 {
        match self {
            Self::Invalid(_) => 422,
            Self::SignInRequired | Self::SecondFactorRequired | Self::StepUpRequired => 401,
            Self::NotAllowed | Self::TermsDue => 403,
            Self::NotFound => 404,
            Self::Conflict(_) => 409,
            Self::Expired(_) => 410,
            Self::SlowDown { .. } => 429,
            Self::Unavailable => 503,
            Self::Unexpected { .. } | Self::Transport => 500,
        }
    }
}

impl std::fmt::Display for AppError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.status())
    }
}

impl std::error::Error for AppError {}

impl FromServerFnError for AppError {
    type Encoder = WireEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            // Arguments that do not fit the form: a tampered or outdated page.
            ServerFnErrorErr::Args(_)
            | ServerFnErrorErr::MissingArg(_)
            | ServerFnErrorErr::Deserialization(_) => Self::Conflict("conflict.form".to_owned()),
            ServerFnErrorErr::Request(_) | ServerFnErrorErr::Response(_) => Self::Transport,
            _ => Self::Unexpected {
                incident: String::new(),
            },
        }
    }
}

#[cfg(feature = "ssr")]
impl From<service::Error> for AppError {
    fn from(error: service::Error) -> Self {
        use service::Error;
        match error {
            Error::Invalid(violations) => Self::Invalid(violations),
            Error::SignInRequired => Self::SignInRequired,
            Error::SecondFactorRequired => Self::SecondFactorRequired,
            Error::StepUpRequired => Self::StepUpRequired,
            Error::TermsDue => Self::TermsDue,
            Error::NotAllowed => Self::NotAllowed,
            Error::NotFound => Self::NotFound,
            Error::Conflict(conflict) => Self::Conflict(conflict.code().to_owned()),
            Error::Expired(what) => Self::Expired(what.to_owned()),
            Error::SlowDown {
                retry_after_seconds,
            } => Self::SlowDown {
                retry_after_seconds,
            },
            Error::Unavailable(_) => Self::Unavailable,
            Error::Unexpected { incident } => Self::Unexpected {
                incident: incident.to_string(),
            },
            Error::Store(_) | Error::Fault(_) => Self::Unexpected {
                incident: String::new(),
            },
        }
    }
}
