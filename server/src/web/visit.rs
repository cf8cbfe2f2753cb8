//! What is known about a request before anything else happens: its id, its client's address
//! (R35) and the nonce of its answer; and the one log line that it leaves (R104).

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Instant;

use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, header},
    middleware::Next,
    response::Response,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use tracing::Instrument;

use super::Web;
use crate::config::Network;

/// Facts of a request, in its extensions.
#[derive(Clone, Debug)]
pub struct Visit {
    /// Joins log lines, audit events and error pages.
    pub request_id: String,
    /// Lets the scripts of the answer run; new for each answer (R90).
    pub nonce: String,
    /// The client's address.
    pub ip: IpAddr,
    /// As sent, cut to 200 characters, without control characters.
    pub user_agent: String,
}

/// The longest part of `User-Agent` that is kept.
const MOST_USER_AGENT: usize = 200;

/// Receives the request: the outermost layer.
pub(super) async fn receive(State(web): State<Web>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |info| info.0.ip());
    let id: [u8; 8] = web.random.bytes();
    let nonce: [u8; 16] = web.random.bytes();
    let visit = Visit {
        request_id: format!("{:016x}", u64::from_be_bytes(id)),
        nonce: STANDARD.encode(nonce),
        ip: client_address(peer, request.headers(), &web.settings.trusted_proxies),
        user_agent: user_agent(request.headers()),
    };
    let method = request.method().clone();
    let path = without_tokens(request.uri().path());
    let span = tracing::info_span!("request", id = %visit.request_id);
    let ip = visit.ip;
    request.extensions_mut().insert(visit);
    let response = next.run(request).instrument(span.clone()).await;
    let status = response.status().as_u16();
    let ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    span.in_scope(|| match status {
        401 | 403 | 429 => tracing::warn!(%method, path, status, ms, %ip, "refused"),
        500.. => tracing::error!(%method, path, status, ms, %ip, "failed"),
        _ if path == "/health" => tracing::debug!(%method, path, status, ms, "answered"),
        _ => tracing::info!(%method, path, status, ms, %ip, "answered"),
    });
    response
}

/// The client's address: the peer, unless the peer is a trusted proxy. Then the addresses that
/// proxies added are followed backwards, as long as trusted ones named them; something that is no
/// address ends the way, so that there always is one (R35).
pub fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let is_trusted = |ip: IpAddr| trusted.iter().any(|network| network.contains(ip));
    let mut client = peer.to_canonical();
    let lines: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .map(|line| line.to_str().unwrap_or("?"))
        .collect();
    let named = lines.iter().rev().flat_map(|line| line.rsplit(','));
    for name in named {
        if !is_trusted(client) {
            break;
        }
        match name.trim().parse::<IpAddr>() {
            Ok(ip) => client = ip.to_canonical(),
            Err(_) => break,
        }
    }
    client
}

fn user_agent(headers: &HeaderMap) -> String {
    headers
        .get(header::USER_AGENT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .chars()
        .filter(|c| !c.is_control())
        .take(MOST_USER_AGENT)
        .collect()
}

/// A path as it may be logged: a part that looks like a one-time token loses all but its purpose
/// (R15). Query strings are not logged at all: people search for names.
pub fn without_tokens(path: &str) -> String {
    path.split('/')
        .map(|part| match part.split_once('_') {
            Some((purpose, secret)) if purpose.len() <= 5 && secret.len() >= 16 => {
                format!("{purpose}_…")
            }
            _ if part.len() > 80 => "…".to_owned(),
            _ => part.to_owned(),
        })
        .collect::<Vec<_>>()
        .join("/")
}

#[cfg(test)]
mod tests {
    use super::{client_address, without_tokens};
    use crate::config::Network;
    use axum::http::{HeaderMap, HeaderValue};

    /// R35: the peer, unless a trusted proxy says otherwise; never nobody.
    #[test]
    fn only_trusted_proxies_name_the_client() {
        let trusted = ["10.0.0.0/8", "127.0.0.1"].map(|text| Network::parse(text).unwrap());
        for (peer, lines, expected) in [
            ("192.0.2.1", &[][..], "192.0.2.1"),
            ("192.0.2.1", &["203.0.113.9"], "192.0.2.1"),
            ("127.0.0.1", &["203.0.113.9"], "203.0.113.9"),
            ("::ffff:127.0.0.1", &["203.0.113.9"], "203.0.113.9"),
            // What the client itself wrote is to the left of what the proxy added.
            ("127.0.0.1", &["1.1.1.1, 203.0.113.9"], "203.0.113.9"),
            ("127.0.0.1", &["203.0.113.9, 10.1.1.1"], "203.0.113.9"),
            ("127.0.0.1", &["1.1.1.1", "203.0.113.9"], "203.0.113.9"),
            (
                "127.0.0.1",
                &["1.1.1.1", "203.0.113.9, 10.1.1.1"],
                "203.0.113.9",
            ),
            ("127.0.0.1", &["unknown"], "127.0.0.1"),
            ("127.0.0.1", &["203.0.113.9, unknown, 10.1.1.1"], "10.1.1.1"),
            ("127.0.0.1", &[""], "127.0.0.1"),
            ("127.0.0.1", &["::ffff:203.0.113.9"], "203.0.113.9"),
            ("127.0.0.1", &["2001:db8::1"], "2001:db8::1"),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append("x-forwarded-for", HeaderValue::from_str(line).unwrap());
            }
            let found = client_address(peer.parse().unwrap(), &headers, &trusted);
            assert_eq!(found.to_string(), expected, "{peer} {lines:?}");
        }
    }

    /// R15, R104: the path of an emailed link is logged without its token.
    #[test]
    fn tokens_are_not_logged() {
        let token = "inv_AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_AbCdE";
        assert_eq!(
            without_tokens(&format!("/invitations/{token}/your-details")),
            "/invitations/inv_…/your-details"
        );
        assert_eq!(
            without_tokens("/reset-password/rst_0123456789abcdefg"),
            "/reset-password/rst_…"
        );
        assert_eq!(without_tokens("/o/rx1/users"), "/o/rx1/users");
        assert_eq!(without_tokens(&format!("/{}", "x".repeat(90))), "/…");
    }
}
