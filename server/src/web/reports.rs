//! Reports that browsers send when a page breaks its content security policy (R90). Only what was
//! blocked by which rule is logged: addresses in reports may hold what people searched for.

use std::sync::atomic::{AtomicI64, Ordering};

use axum::{body::Bytes, extract::State, http::StatusCode};
use serde::Deserialize;

use super::Web;

#[derive(Deserialize)]
struct Report {
    #[serde(rename = "type")]
    kind: String,
    body: Body,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    #[serde(default)]
    effective_directive: String,
    #[serde(default, rename = "blockedURL")]
    blocked_url: String,
}

/// When the last report was logged: anybody may send them, so at most one a second is.
static LAST: AtomicI64 = AtomicI64::new(0);

/// Takes reports; there is nothing to say about them.
pub(super) async fn receive(State(web): State<Web>, body: Bytes) -> StatusCode {
    let now = web.services.now().timestamp();
    if LAST.swap(now, Ordering::Relaxed) != now
        && let Ok(reports) = serde_json::from_slice::<Vec<Report>>(&body)
        && let Some(report) = reports.iter().find(|report| report.kind == "csp-violation")
    {
        let directive: String = report.body.effective_directive.chars().take(60).collect();
        let blocked: String = origin_of(&report.body.blocked_url)
            .chars()
            .take(100)
            .collect();
        tracing::warn!(
            directive,
            blocked,
            "a page broke its content security policy"
        );
    }
    StatusCode::NO_CONTENT
}

/// Scheme and host of an address.
fn origin_of(address: &str) -> &str {
    let start = address.find("://").map_or(0, |at| at + 3);
    match address
        .get(start..)
        .and_then(|rest| rest.find(['/', '?', '#']))
    {
        Some(end) => address.get(..start + end).unwrap_or_default(),
        None => address,
    }
}

#[cfg(test)]
mod tests {
    use super::origin_of;

    #[test]
    fn a_report_names_no_page() {
        assert_eq!(
            origin_of("https://evil.example/x?q=name"),
            "https://evil.example"
        );
        assert_eq!(origin_of("inline"), "inline");
        assert_eq!(origin_of("https://evil.example"), "https://evil.example");
    }
}
