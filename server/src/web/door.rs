//! The door to pages and server functions: who is there, decided for each request anew.

use app::{error::AppError, server_fns::Doorway};
use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, Method, header},
    middleware::Next,
    response::Response,
};
use service::RequestInfo;

use super::{
    Web,
    trouble::{Asked, Trouble},
    visit::Visit,
};

/// The cookie of a session (R54).
const SESSION: &str = "__Host-session";
/// Says that a page asks by itself and nobody is there for it.
const QUIET: &str = "x-lanyard-quiet";

/// Finds out who is there and puts what pages and server functions need into the request.
pub(super) async fn open_door(
    State(web): State<Web>,
    mut request: Request<Body>,
    next: Next,
) -> Response {
    let Some(visit) = request.extensions().get::<Visit>().cloned() else {
        return next.run(request).await;
    };
    let info = RequestInfo {
        request_id: visit.request_id,
        ip: visit.ip,
        user_agent: visit.user_agent,
    };
    let session = session_cookie(request.headers());
    // Only reading can be quiet: whoever changes something is there.
    let quiet = request.method() == Method::GET && request.headers().contains_key(QUIET);
    let found = if quiet {
        web.services.authenticate_quietly(session, &info).await
    } else {
        web.services.authenticate(session, &info).await
    };
    let authentication = match found {
        Ok(authentication) => authentication,
        Err(error) => {
            // Who is there cannot be told, so nothing that depends on it is shown.
            let error = AppError::from(web.services.log(error));
            return Trouble::App(error).answer(&web, &Asked::of(&request));
        }
    };
    let door = Doorway {
        services: web.services.clone(),
        authentication,
        request: info,
        nonce: visit.nonce,
        assets: web.assets.clone(),
    };
    request.extensions_mut().insert(door);
    next.run(request).await
}

/// The value of the session cookie. Browsers send one: a name with this prefix cannot be set by
/// another host.
pub(super) fn session_cookie(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == SESSION)
        .map(|(_, value)| value)
}
