//! The shape of requests: methods that exist (R94), addresses with one spelling (`ux.md` 4.3),
//! and pages in place of empty errors.

use axum::{
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{
    Web,
    trouble::{Asked, Trouble},
};

/// Answers what needs no further look, and fills empty errors of the router.
pub(super) async fn check(State(web): State<Web>, request: Request, next: Next) -> Response {
    let asked = Asked::of(&request);
    let method = request.method();
    if !matches!(*method, Method::GET | Method::HEAD | Method::POST) {
        return Trouble::Method.answer(&web, &asked);
    }
    if asked.path.len() > 1 && asked.path.ends_with('/') && *method != Method::POST {
        return bare_form(&asked.path, request.uri().query());
    }
    let response = next.run(request).await;
    if response.headers().contains_key(header::CONTENT_TYPE) {
        return response;
    }
    match response.status() {
        StatusCode::NOT_FOUND => Trouble::NotFound.answer(&web, &asked),
        StatusCode::METHOD_NOT_ALLOWED => Trouble::Method.answer(&web, &asked),
        _ => response,
    }
}

/// The same address without the slash at its end.
fn bare_form(path: &str, query: Option<&str>) -> Response {
    let mut bare = format!("/{}", path.trim_matches('/'));
    if let Some(query) = query {
        bare.push('?');
        bare.push_str(query);
    }
    let mut response = StatusCode::MOVED_PERMANENTLY.into_response();
    if let Ok(value) = HeaderValue::from_str(&bare) {
        response.headers_mut().insert(header::LOCATION, value);
    }
    response
}
