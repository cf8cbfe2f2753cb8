//! Around the server functions: which there are, the status of their errors, and what a person
//! without wasm sees of an error that has no form to go back to.

use std::collections::HashSet;

use app::{error::AppError, wire};
use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{
    Web,
    headers::local_path,
    trouble::{Asked, Trouble},
};

/// An error in a body is small.
const MOST_ERROR: usize = 64 * 1024;

/// Method and path of every server function.
pub fn paths() -> HashSet<(Method, String)> {
    leptos::server_fn::axum::server_fn_paths()
        .map(|(path, method)| (method, path.to_owned()))
        .collect()
}

/// Lets requests for server functions through that exist, and puts their answers right.
pub(super) async fn mend(State(web): State<Web>, request: Request, next: Next) -> Response {
    let asked = Asked::of(&request);
    if !asked.path.starts_with("/fn/") {
        return next.run(request).await;
    }
    let known = |method: Method| web.functions.contains(&(method, asked.path.clone()));
    if !known(request.method().clone()) {
        let trouble = if known(Method::GET) || known(Method::POST) {
            Trouble::Method
        } else {
            Trouble::NotFound
        };
        return trouble.answer(&web, &asked);
    }
    let referrer = referring_path(request.headers(), web.settings.origin.as_str());
    let response = next.run(request).await;
    if response.headers().contains_key("serverfnerror") {
        return mend_error(&web, &asked, &referrer, response).await;
    }
    if asked.wants_html && response.status() == StatusCode::FOUND {
        return mend_redirect(&referrer, response);
    }
    response
}

/// Leptos answers every error with 500, and a form without wasm with the error in an address. The
/// first gets its own status (`ux.md` 3.3), the second a page.
async fn mend_error(web: &Web, asked: &Asked, referrer: &str, response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, MOST_ERROR)
        .await
        .unwrap_or_default();
    let error = wire::decode::<AppError>(&bytes).unwrap_or(AppError::Unexpected {
        incident: asked.request_id.clone(),
    });
    if !asked.wants_html {
        if let Ok(status) = StatusCode::from_u16(error.status()) {
            parts.status = status;
        }
        if let AppError::SlowDown {
            retry_after_seconds,
        } = error
        {
            parts
                .headers
                .insert(header::RETRY_AFTER, retry_after_seconds.into());
        }
        return Response::from_parts(parts, Body::from(bytes));
    }
    let mut answer = match error {
        AppError::SignInRequired => sign_in_first(referrer),
        AppError::SecondFactorRequired => see_other("/sign-in/check-your-code"),
        error => Trouble::App(error).answer(web, asked),
    };
    // Cookies that were set on the way are part of the answer.
    for cookie in parts.headers.get_all(header::SET_COOKIE) {
        answer
            .headers_mut()
            .append(header::SET_COOKIE, cookie.clone());
    }
    answer
}

/// After a POST the browser must GET the next page; without an own aim, the page it came from.
fn mend_redirect(referrer: &str, response: Response) -> Response {
    let (mut parts, _) = response.into_parts();
    parts.status = StatusCode::SEE_OTHER;
    let own = parts
        .headers
        .get(header::LOCATION)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|location| location.starts_with('/'));
    if !own && let Ok(value) = HeaderValue::from_str(referrer) {
        parts.headers.insert(header::LOCATION, value);
    }
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::empty())
}

/// Sends somebody who must sign in to do so, and back.
pub(super) fn sign_in_first(back: &str) -> Response {
    see_other(&format!("/sign-in?return-to={}", encoded(back)))
}

fn see_other(path: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    if let Ok(value) = HeaderValue::from_str(path) {
        response.headers_mut().insert(header::LOCATION, value);
    }
    response
}

/// The page that posted, as a path of this origin.
fn referring_path(headers: &HeaderMap, origin: &str) -> String {
    headers
        .get(header::REFERER)
        .and_then(|value| value.to_str().ok())
        .map_or_else(|| "/".to_owned(), |referrer| local_path(referrer, origin))
}

/// A path as a value of a query.
fn encoded(path: &str) -> String {
    let mut text = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_' | b'.' | b'~') {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{encoded, referring_path};
    use axum::http::{HeaderMap, HeaderValue};

    #[test]
    fn a_path_can_be_a_value() {
        assert_eq!(
            encoded("/o/rx1/users?q=a b&x=1"),
            "/o/rx1/users%3Fq%3Da%20b%26x%3D1"
        );
    }

    /// R89: a referrer of another origin leads to the start page.
    #[test]
    fn only_an_own_referrer_is_gone_back_to() {
        for (referrer, expected) in [
            ("https://access.example.uk/o/rx1?page=2", "/o/rx1?page=2"),
            ("https://evil.example/o/rx1", "/"),
            ("//evil.example/", "/"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("referer", HeaderValue::from_static(referrer));
            assert_eq!(
                referring_path(&headers, "https://access.example.uk"),
                expected
            );
        }
        assert_eq!(
            referring_path(&HeaderMap::new(), "https://access.example.uk"),
            "/"
        );
    }
}
