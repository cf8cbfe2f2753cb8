//! The door to pages and server functions: who is there, decided for each request anew.

use app::server_fns::Doorway;
use axum::{
    body::Body,
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use service::RequestInfo;

use super::{Web, visit::Visit};

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
    let door = Doorway {
        services: web.services.clone(),
        authentication: service::request::Authentication::Anonymous,
        request: info,
        nonce: visit.nonce,
        assets: web.assets.clone(),
    };
    request.extensions_mut().insert(door);
    next.run(request).await
}
