//! Answers that are no page of the application: what happens when something goes wrong around it.
//! They need neither the database nor a session (R105).

use app::{error::AppError, messages, wire};
use askama::Template;
use axum::{
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};

use super::{Web, visit::Visit};

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// Another site's page tried to act here (R88).
    CrossSite,
    /// The body is longer than it may be (R93).
    TooLarge,
    /// The body did not arrive in time, or broke off.
    SlowBody,
    /// There is nothing at this address.
    NotFound,
    /// The address does not know this method (R94).
    Method,
    /// No answer in time.
    Unavailable,
    /// The program failed (R105).
    Fault,
    /// A server function refused, and there is no page to show it on.
    App(AppError),
}

/// What must be known about a request to answer it after it is gone.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub path: String,
    pub wants_html: bool,
    pub head: bool,
    pub request_id: String,
}

impl Asked {
    pub fn of(request: &Request) -> Self {
        Self {
            path: request.uri().path().to_owned(),
            wants_html: wants_html(request.headers()),
            head: *request.method() == axum::http::Method::HEAD,
            request_id: request
                .extensions()
                .get::<Visit>()
                .map_or_else(String::new, |visit| visit.request_id.clone()),
        }
    }
}

/// Whether a person looks at the answer.
pub(super) fn wants_html(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.contains("text/html"))
}

/// A page without the application around it.
#[derive(Template)]
#[template(path = "trouble.html")]
struct Page<'a> {
    css: &'a str,
    service: &'a str,
    heading: &'a str,
    paragraphs: &'a [String],
    start_again: bool,
}

impl Trouble {
    fn status(&self) -> StatusCode {
        match self {
            Self::CrossSite => StatusCode::FORBIDDEN,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::SlowBody => StatusCode::REQUEST_TIMEOUT,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Fault => StatusCode::INTERNAL_SERVER_ERROR,
            Self::App(error) => {
                StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
            }
        }
    }

    /// The same in the vocabulary of the application, for its wasm half.
    fn error(&self, request_id: &str) -> AppError {
        match self {
            Self::CrossSite => AppError::Conflict("conflict.form".to_owned()),
            Self::TooLarge => AppError::Conflict("conflict.too_large".to_owned()),
            Self::SlowBody => AppError::Transport,
            Self::NotFound | Self::Method => AppError::NotFound,
            Self::Unavailable => AppError::Unavailable,
            Self::Fault => AppError::Unexpected {
                incident: request_id.to_owned(),
            },
            Self::App(error) => error.clone(),
        }
    }

    fn words(&self, request_id: &str) -> (String, Vec<String>) {
        let error = self.error(request_id);
        let advice = messages::advice(&error);
        let mut paragraphs = vec![advice.text.to_owned()];
        if let AppError::SlowDown {
            retry_after_seconds,
        } = error
        {
            paragraphs.push(messages::wait(retry_after_seconds));
        }
        if let AppError::Unexpected { incident } = &error
            && !incident.is_empty()
        {
            paragraphs.push(format!("If you tell us about it, quote {incident}."));
        }
        (advice.heading.to_owned(), paragraphs)
    }

    /// The status without a body: the outer layers put the page to it.
    pub fn status_alone(&self) -> Response {
        self.status().into_response()
    }

    /// The answer, in the form that was asked for.
    pub fn answer(&self, web: &Web, asked: &Asked) -> Response {
        let status = self.status();
        let mut response = if asked.wants_html {
            let (heading, paragraphs) = self.words(&asked.request_id);
            let page = Page {
                css: &web.assets.css,
                service: &web.services.settings().service_name,
                heading: &heading,
                paragraphs: &paragraphs,
                // What was begun is still there: going back is better.
                start_again: !matches!(
                    self.error(&asked.request_id),
                    AppError::Unavailable | AppError::Unexpected { .. }
                ),
            };
            (status, Html(page.render().unwrap_or(heading.clone()))).into_response()
        } else if asked.path.starts_with("/fn/") {
            // As the other half of the application reads every refusal.
            let error = wire::encode(&self.error(&asked.request_id)).unwrap_or_default();
            let mut response = (status, error).into_response();
            // By this header the other half knows that the body is an error.
            if let Ok(path) = HeaderValue::from_str(&asked.path) {
                response
                    .headers_mut()
                    .insert(HeaderName::from_static("serverfnerror"), path);
            }
            response
        } else {
            let (heading, _) = self.words(&asked.request_id);
            (status, format!("{heading}\n")).into_response()
        };
        let retry = match self {
            Self::App(AppError::SlowDown {
                retry_after_seconds,
            }) => Some(*retry_after_seconds),
            Self::Unavailable | Self::App(AppError::Unavailable) => Some(2),
            _ => None,
        };
        if let Some(seconds) = retry {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if *self == Self::Method {
            response
                .headers_mut()
                .insert(header::ALLOW, HeaderValue::from_static("GET, HEAD, POST"));
        }
        if asked.head {
            *response.body_mut() = axum::body::Body::empty();
        }
        response
    }
}
