//! How much and how long (R93): sizes of bodies, time for a body to arrive and for an answer to
//! begin. Times for headers and the number of connections are `serving.rs`.

use std::time::Duration;

use axum::{
    body::{Body, Bytes},
    extract::{Request, State},
    http::{Method, header},
    middleware::Next,
    response::Response,
};
use futures::StreamExt;

use super::{
    Web,
    trouble::{Asked, Trouble},
};

/// Forms are small.
pub const BODY: usize = 64 * 1024;
/// The box for email addresses is not: 10,000 of them.
pub const LONG_BODY: usize = 1024 * 1024;
/// The server functions that take the box, by the beginning of their paths.
const LONG: [&str; 1] = ["/fn/invitations/"];
/// A body that is too long is still read this far, so that the browser shows the page that says
/// so instead of a broken connection.
const READ_AWAY: usize = 32 * 1024 * 1024;
const BODY_TIME: Duration = Duration::from_secs(30);
const ANSWER_TIME: Duration = Duration::from_secs(60);

/// Reads the body within its limits, then lets the request be answered within its time.
pub(super) async fn keep(State(web): State<Web>, request: Request, next: Next) -> Response {
    let asked = Asked::of(&request);
    let request = if matches!(*request.method(), Method::GET | Method::HEAD) {
        // A body of these means nothing.
        let (parts, _) = request.into_parts();
        Request::from_parts(parts, Body::empty())
    } else {
        let limit = if LONG.iter().any(|start| asked.path.starts_with(start)) {
            LONG_BODY
        } else {
            BODY
        };
        let (mut parts, body) = request.into_parts();
        match tokio::time::timeout(BODY_TIME, read(body, limit)).await {
            Ok(Ok(bytes)) => {
                parts.headers.remove(header::TRANSFER_ENCODING);
                parts
                    .headers
                    .insert(header::CONTENT_LENGTH, bytes.len().into());
                Request::from_parts(parts, Body::from(bytes))
            }
            Ok(Err(trouble)) => return trouble.answer(&web, &asked),
            Err(_) => return Trouble::SlowBody.answer(&web, &asked),
        }
    };
    match tokio::time::timeout(ANSWER_TIME, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            tracing::error!("no answer in time");
            Trouble::Unavailable.answer(&web, &asked)
        }
    }
}

async fn read(body: Body, limit: usize) -> Result<Bytes, Trouble> {
    let mut stream = body.into_data_stream();
    let mut kept: Vec<u8> = Vec::new();
    let mut seen = 0_usize;
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| Trouble::SlowBody)?;
        seen = seen.saturating_add(chunk.len());
        if seen > READ_AWAY {
            break;
        }
        if seen <= limit {
            kept.extend_from_slice(&chunk);
        } else {
            kept = Vec::new();
        }
    }
    if seen > limit {
        return Err(Trouble::TooLarge);
    }
    Ok(kept.into())
}
