//! What a page of bulk work needs besides itself: the stream of its progress, and its results as
//! a file. Both are as careful as pages: who asks is decided anew at every look (R50, R56).

use std::{convert::Infallible, time::Duration};

use app::{error::AppError, messages, wire};
use axum::{
    Extension,
    extract::{Path, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use domain::{
    bulk::BulkOutcome,
    id::{BatchId, BulkJobId},
    invitation::{EntryOutcome, JobProgress},
};
use futures::Stream;
use service::{Actor, RequestInfo, request::Authentication};

use super::{
    Web,
    door::session_cookie,
    functions::sign_in_first,
    trouble::{Asked, Trouble},
    visit::Visit,
};

/// How often progress is looked at.
const LOOK: Duration = Duration::from_millis(500);
/// A stream ends by itself after so many looks: half an hour.
const MOST_LOOKS: u32 = 3_600;
/// The name of the last event. A browser that comes back with it is told to stay away.
const END: &str = "end";

/// Who may look, and at what: enough to ask again.
#[derive(Clone)]
struct Watcher {
    web: Web,
    session: Option<String>,
    info: RequestInfo,
    organisation: String,
    job: Job,
}

/// Bulk work: which kind, its id says.
#[derive(Clone, Copy)]
enum Job {
    Invitations(BatchId),
    Changes(BulkJobId),
}

impl Job {
    fn parse(text: &str) -> Option<Self> {
        let batch = text.parse().map(Self::Invitations);
        batch.or_else(|_| text.parse().map(Self::Changes)).ok()
    }
}

impl Watcher {
    fn new(web: Web, visit: Visit, headers: &HeaderMap, path: (String, String)) -> Option<Self> {
        Some(Self {
            web,
            session: session_cookie(headers).map(ToOwned::to_owned),
            info: RequestInfo {
                request_id: visit.request_id,
                ip: visit.ip,
                user_agent: visit.user_agent,
            },
            organisation: path.0,
            job: Job::parse(&path.1)?,
        })
    }

    async fn actor(&self) -> service::Result<Actor> {
        let services = &self.web.services;
        match services
            .authenticate_quietly(self.session.as_deref(), &self.info)
            .await?
        {
            Authentication::Complete(actor) => Ok(actor),
            Authentication::SecondStep(_) => Err(service::Error::SecondFactorRequired),
            Authentication::Anonymous => Err(service::Error::SignInRequired),
        }
    }

    /// How far the job is, for somebody who may know it at this moment.
    async fn progress(&self) -> Result<JobProgress, AppError> {
        let services = &self.web.services;
        let progress = async {
            let actor = self.actor().await?;
            let organisation = &self.organisation;
            match self.job {
                Job::Invitations(job) => services.job_progress(&actor, organisation, job).await,
                Job::Changes(job) => services.bulk_job_progress(&actor, organisation, job).await,
            }
        };
        progress
            .await
            .map_err(|error| AppError::from(services.log(error)))
    }
}

/// `GET /o/{org}/jobs/{job}/events`: the progress, each time that it has changed, until the work
/// is finished or the person may no longer see it.
pub(super) async fn events(
    State(web): State<Web>,
    Extension(visit): Extension<Visit>,
    Path(path): Path<(String, String)>,
    request: Request,
) -> Response {
    let asked = Asked::of(&request);
    let headers = request.headers();
    if headers.get("last-event-id").is_some_and(|id| id == END) {
        return StatusCode::NO_CONTENT.into_response();
    }
    let Some(watcher) = Watcher::new(web.clone(), visit, headers, path) else {
        return Trouble::NotFound.answer(&web, &asked);
    };
    match watcher.progress().await {
        Ok(first) => Sse::new(changes(watcher, first))
            .keep_alive(KeepAlive::new().interval(Duration::from_secs(15)))
            .into_response(),
        Err(error) => Trouble::App(error).answer(&web, &asked),
    }
}

struct Watching {
    watcher: Watcher,
    /// Nothing once the last event is out.
    next: Option<JobProgress>,
    looks: u32,
}

fn changes(
    watcher: Watcher,
    first: JobProgress,
) -> impl Stream<Item = Result<Event, Infallible>> + Send {
    let start = Watching {
        watcher,
        next: Some(first),
        looks: 0,
    };
    futures::stream::unfold(start, |mut state| async move {
        let now = state.next.take()?;
        let mut event = Event::default().data(wire::encode(&now).ok()?);
        if now.finished {
            event = event.id(END);
        } else {
            state.next = state.wait_for_change(now).await;
        }
        Some((Ok(event), state))
    })
}

impl Watching {
    /// The next progress that differs from `now`; nothing when the stream is to end.
    async fn wait_for_change(&mut self, now: JobProgress) -> Option<JobProgress> {
        let mut stopping = self.watcher.web.settings.stopping.clone();
        while self.looks < MOST_LOOKS {
            self.looks += 1;
            tokio::select! {
                Ok(_) = stopping.wait_for(|stop| *stop) => return None,
                () = tokio::time::sleep(LOOK) => {}
            }
            let progress = self.watcher.progress().await.ok()?;
            if progress != now {
                return Some(progress);
            }
        }
        None
    }
}

/// `GET /o/{org}/jobs/{job}/results.csv`: every address with what became of it.
pub(super) async fn results(
    State(web): State<Web>,
    Extension(visit): Extension<Visit>,
    Path(path): Path<(String, String)>,
    request: Request,
) -> Response {
    let asked = Asked::of(&request);
    let Some(watcher) = Watcher::new(web.clone(), visit, request.headers(), path) else {
        return Trouble::NotFound.answer(&web, &asked);
    };
    let words = |outcome: EntryOutcome| messages::outcome_label(outcome.as_str()).to_owned();
    let text = async {
        let actor = watcher.actor().await?;
        let organisation = &watcher.organisation;
        Ok(match watcher.job {
            Job::Invitations(job) => {
                let text = web.services.job_csv(&actor, organisation, job, words);
                (text.await?, format!("invitations-{job}.csv"))
            }
            Job::Changes(job) => {
                let words = |outcome: BulkOutcome| messages::bulk_reason(outcome);
                let text = web.services.bulk_job_csv(&actor, organisation, job, words);
                (text.await?, format!("changes-{job}.csv"))
            }
        })
    };
    match text.await {
        Ok((text, name)) => file(text, &name),
        Err(error) => match AppError::from(web.services.log(error)) {
            AppError::SignInRequired if asked.wants_html => sign_in_first(&asked.path),
            error => Trouble::App(error).answer(&web, &asked),
        },
    }
}

fn file(text: String, name: &str) -> Response {
    let mut response = text.into_response();
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
