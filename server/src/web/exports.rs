//! Lists as files. As careful as pages: who asks is decided when they ask, and what was exported is
//! recorded before the first line leaves. The lines are read while they are sent, so that a long list
//! takes no more memory than a short one.

use app::error::AppError;
use axum::{
    Extension,
    body::Body,
    extract::{Path, Request, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use domain::{
    activity::ActivityQuery,
    listing::{UsersQuery, decode_query},
};
use futures::stream;
use service::{
    Actor, RequestInfo, activity::ActivityExport, request::Authentication, users::UsersExport,
};

use super::{
    Web,
    door::session_cookie,
    functions::sign_in_first,
    trouble::{Asked, Trouble},
    visit::Visit,
};

/// The lines of a file that is being written.
trait Lines: Send + 'static {
    fn next(&mut self) -> impl Future<Output = service::Result<Option<String>>> + Send;
}

impl Lines for UsersExport {
    async fn next(&mut self) -> service::Result<Option<String>> {
        Self::next(self).await
    }
}

impl Lines for ActivityExport {
    async fn next(&mut self) -> service::Result<Option<String>> {
        Self::next(self).await
    }
}

/// `GET /o/{org}/users.csv`: everybody whom the users list with the same query holds.
pub(super) async fn users(
    State(web): State<Web>,
    Extension(visit): Extension<Visit>,
    Path(organisation): Path<String>,
    request: Request,
) -> Response {
    let asked = Asked::of(&request);
    if asked.head {
        // To look is not to export, and must not be recorded as if it were.
        return Trouble::Method.answer(&web, &asked);
    }
    let query = UsersQuery::parse(request.uri().query().unwrap_or_default());
    let session = session_cookie(request.headers()).map(ToOwned::to_owned);
    let export = async {
        let actor = actor(&web, visit, session).await?;
        web.services
            .export_users(&actor, &organisation, &query)
            .await
    };
    let export = export.await;
    file(&web, &asked, &format!("users-{organisation}.csv"), export)
}

/// `GET /o/{org}/users/bulk/{draft}/selected.csv`: the people who were selected in the users list.
pub(super) async fn selected(
    State(web): State<Web>,
    Extension(visit): Extension<Visit>,
    Path((organisation, draft)): Path<(String, String)>,
    request: Request,
) -> Response {
    let asked = Asked::of(&request);
    if asked.head {
        // To look is not to export, and must not be recorded as if it were.
        return Trouble::Method.answer(&web, &asked);
    }
    let session = session_cookie(request.headers()).map(ToOwned::to_owned);
    let export = async {
        let actor = actor(&web, visit, session).await?;
        let draft = draft.parse().map_err(|_| service::Error::NotFound)?;
        web.services
            .export_selected(&actor, &organisation, draft)
            .await
    };
    let export = export.await;
    file(&web, &asked, &format!("users-{organisation}.csv"), export)
}

/// `GET /o/{org}/activity.csv`: the events that the page with the same query holds; with `user`, the page
/// of that person.
pub(super) async fn activity(
    State(web): State<Web>,
    Extension(visit): Extension<Visit>,
    Path(organisation): Path<String>,
    request: Request,
) -> Response {
    let asked = Asked::of(&request);
    if asked.head {
        // To look is not to export, and must not be recorded as if it were.
        return Trouble::Method.answer(&web, &asked);
    }
    let query = request.uri().query().unwrap_or_default();
    let session = session_cookie(request.headers()).map(ToOwned::to_owned);
    let user = decode_query(query)
        .into_iter()
        .find_map(|(name, value)| (name == "user").then_some(value));
    let query = ActivityQuery::parse(query);
    let export = async {
        let actor = actor(&web, visit, session).await?;
        let user = match user {
            Some(user) => Some(user.parse().map_err(|_| service::Error::NotFound)?),
            None => None,
        };
        web.services
            .export_activity(&actor, &organisation, user, &query)
            .await
    };
    let export = export.await;
    file(
        &web,
        &asked,
        &format!("activity-{organisation}.csv"),
        export,
    )
}

async fn actor(web: &Web, visit: Visit, session: Option<String>) -> service::Result<Actor> {
    let info = RequestInfo {
        request_id: visit.request_id,
        ip: visit.ip,
        user_agent: visit.user_agent,
    };
    match web.services.authenticate(session.as_deref(), &info).await? {
        Authentication::Complete(actor) => Ok(actor),
        Authentication::SecondStep(_) => Err(service::Error::SecondFactorRequired),
        Authentication::Anonymous => Err(service::Error::SignInRequired),
    }
}

fn file(web: &Web, asked: &Asked, name: &str, export: service::Result<impl Lines>) -> Response {
    let export = match export {
        Ok(export) => export,
        Err(error) => {
            return match AppError::from(web.services.log(error)) {
                AppError::SignInRequired if asked.wants_html => sign_in_first(&asked.path),
                error => Trouble::App(error).answer(web, asked),
            };
        }
    };
    let services = web.services.clone();
    let lines = stream::unfold(Some(export), move |export| {
        let services = services.clone();
        async move {
            let mut export = export?;
            match export.next().await {
                Ok(Some(text)) => Some((Ok(text), Some(export))),
                Ok(None) => None,
                // The file breaks off, which the browser says; half a list must not look whole.
                Err(error) => Some((Err(services.log(error)), None)),
            }
        }
    });
    let mut response = Body::from_stream(lines).into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/csv; charset=utf-8"),
    );
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}
