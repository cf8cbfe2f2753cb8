//! What pages read travels as text that both sides write and read by the same rules: in the page
//! for the first view, in the answer of a server function for the next ones.
//!
//! The values are encoded by position (postcard), not by name. A decoder that compares names costs
//! the browser some kilobytes for every type, and pages have more than a hundred of them.

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use leptos::server_fn::{Bytes, ContentType, Decodes, Encodes, Format, FormatType, codec::Post};
use serde::{Serialize, de::DeserializeOwned};

use crate::error::AppError;

/// The encoding of what server functions answer when they are asked something.
pub type Wire = Post<WireEncoding>;

/// Text without line breaks: postcard in base64.
pub struct WireEncoding;

/// Why a text does not say what was expected: the page is older or newer than the server.
#[derive(Debug)]
pub struct WireError;

impl std::fmt::Display for WireError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("not a value of this version")
    }
}

impl ContentType for WireEncoding {
    const CONTENT_TYPE: &'static str = "text/plain";
}

impl FormatType for WireEncoding {
    const FORMAT_TYPE: Format = Format::Text;
}

impl<T: Serialize> Encodes<T> for WireEncoding {
    type Error = WireError;

    fn encode(value: &T) -> Result<Bytes, WireError> {
        encode(value).map(Bytes::from)
    }
}

impl<T: DeserializeOwned> Decodes<T> for WireEncoding {
    type Error = WireError;

    fn decode(bytes: Bytes) -> Result<T, WireError> {
        decode(&bytes)
    }
}

/// Writes a value as [`decode`] reads it.
///
/// # Errors
/// For types that have no encoding by position; a test of the type finds that.
pub fn encode<T: Serialize>(value: &T) -> Result<String, WireError> {
    let bytes = postcard::to_allocvec(value).map_err(|_| WireError)?;
    Ok(STANDARD_NO_PAD.encode(bytes))
}

/// Reads what [`encode`] wrote.
///
/// # Errors
/// When the text was written by something else, or by another version.
pub fn decode<T: DeserializeOwned>(text: &[u8]) -> Result<T, WireError> {
    let bytes = STANDARD_NO_PAD.decode(text).map_err(|_| WireError)?;
    postcard::from_bytes(&bytes).map_err(|_| WireError)
}

/// An answer as a page carries it: a sign that says whether it is one, and what it is.
pub(crate) fn pack<T: Serialize>(answer: Result<T, AppError>) -> String {
    let packed = answer.and_then(|value| encode(&value).map_err(|_| AppError::Transport));
    match packed {
        Ok(text) => ["+", &text].concat(),
        Err(error) => refused(&error),
    }
}

/// As [`pack`], for the text of an answer that came by itself.
pub(crate) fn answered(text: &str) -> String {
    ["+", text].concat()
}

/// As [`pack`], for a refusal.
pub(crate) fn refused(error: &AppError) -> String {
    let text = encode(error).unwrap_or_default();
    ["-", &text].concat()
}

/// Reads what [`pack`] wrote.
pub(crate) fn unpack<T: DeserializeOwned>(text: &str) -> Result<T, AppError> {
    match text.strip_prefix('+') {
        Some(text) => decode(text.as_bytes()).map_err(|_| AppError::Transport),
        None => Err(error(text.strip_prefix('-').unwrap_or_default())),
    }
}

/// The error in the body of a refusal; what is none was not written by this service.
pub(crate) fn error(body: &str) -> AppError {
    decode(body.as_bytes()).unwrap_or(AppError::Transport)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::violation::Violations;

    #[test]
    fn an_answer_comes_back_as_it_was() {
        let value = (
            Some("Ωmega".to_owned()),
            vec![1_u32, 2],
            BigEnough::Second(7),
        );
        assert_eq!(unpack(&pack(Ok(value.clone()))), Ok(value));
    }

    #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
    enum BigEnough {
        First,
        Second(u8),
    }

    #[test]
    fn a_refusal_comes_back_as_it_was() {
        let error = AppError::Invalid(Violations::one("email", "email.empty"));
        assert_eq!(
            unpack::<BigEnough>(&pack::<BigEnough>(Err(error.clone()))),
            Err(error)
        );
        let first = unpack::<BigEnough>(&pack(Ok(BigEnough::First)));
        assert_eq!(first, Ok(BigEnough::First));
    }

    /// A page that is older than the server, or the answer of something between them.
    #[test]
    fn what_is_not_understood_is_an_error() {
        for text in ["", "+", "+AA=", "+////", "-", "-<html>", "x"] {
            assert!(unpack::<(String, BigEnough)>(text).is_err(), "{text}");
        }
    }
}
