//! `/health`: whether the program answers and can write (R109). Not for people.

use std::{
    sync::Mutex,
    time::{Duration, Instant},
};

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::Web;

/// A check writes to the database: not more often than this, however often it is asked for.
const FRESH: Duration = Duration::from_secs(2);
/// Longer than this and the database counts as away.
const PATIENCE: Duration = Duration::from_secs(6);

/// The last finding.
#[derive(Debug, Default)]
pub(super) struct Health(Mutex<Option<(Instant, bool)>>);

impl Health {
    fn fresh(&self) -> Option<bool> {
        let last = *self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        last.filter(|(at, _)| at.elapsed() < FRESH)
            .map(|(_, fine)| fine)
    }

    fn keep(&self, fine: bool) {
        *self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner) = Some((Instant::now(), fine));
    }
}

/// `ok` with 200, or `degraded` with 503 when nothing can be written.
pub(super) async fn answer(State(web): State<Web>) -> Response {
    let fine = match web.health.fresh() {
        Some(fine) => fine,
        None => {
            let checked = tokio::time::timeout(PATIENCE, web.services.check_writing()).await;
            let fine = match checked {
                Ok(Ok(())) => true,
                Ok(Err(error)) => {
                    tracing::error!(%error, "the database cannot be written");
                    false
                }
                Err(_) => {
                    tracing::error!("the database does not answer");
                    false
                }
            };
            web.health.keep(fine);
            fine
        }
    };
    if fine {
        Json(json!({ "status": "ok", "database": "ok" })).into_response()
    } else {
        let body = json!({ "status": "degraded", "database": "not writable" });
        (StatusCode::SERVICE_UNAVAILABLE, Json(body)).into_response()
    }
}
