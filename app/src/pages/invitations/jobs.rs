//! Recent bulk work (F2).

use chrono::{DateTime, Utc};
use domain::{
    bulk::{BulkSummary, ListedJob},
    invitation::{JobState, JobSummary},
};
use leptos::prelude::*;

use super::param;
use crate::components::{Column, Page, Table, Tag, Text, loaded::Loaded, timeline::Moment};
use crate::messages::{bulk_task, plural};
use crate::reading::reading;
use crate::server_fns::invitations::ReadJobs;

/// The list of bulk work.
#[component]
pub fn JobsPage() -> impl IntoView {
    let org = param("org");
    let resource = reading(move || ReadJobs { org: org.clone() });
    view! { <Loaded resource view=|jobs| view! { <Jobs jobs/> }.into_any()/> }
}

#[component]
fn Jobs(jobs: Vec<ListedJob>) -> impl IntoView {
    let org = param("org");
    let title = "Recent bulk work";
    if jobs.is_empty() {
        let href = ["/o/", &org, "/users/add"].concat();
        return view! {
            <Page title>
                <p>"No bulk work in the last 90 days."</p>
                <p><a href=href>"Add users"</a></p>
            </Page>
        }
        .into_any();
    }
    let columns = vec![
        Column::new("What"),
        Column::new("Who"),
        Column::new("When"),
        Column::new("Status"),
    ];
    let rows: Vec<Vec<Text>> = jobs.iter().map(|job| row(job, &org)).collect();
    let caption = view! { <span class="nhsuk-u-visually-hidden">{title}</span> }.into_any();
    view! { <Page title wide=true><Table caption columns rows responsive=true/></Page> }.into_any()
}

fn row(job: &ListedJob, org: &str) -> Vec<Text> {
    match job {
        ListedJob::Invitations(job) => invitations(job, org),
        ListedJob::Changes(job) => changes(job, org),
    }
}

fn invitations(job: &JobSummary, org: &str) -> Vec<Text> {
    let what = [
        &plural(job.total.into(), "invitation", "invitations"),
        " as ",
        &job.role,
    ]
    .concat();
    let state = (job.state, job.failed);
    cells(
        org,
        &job.id.to_string(),
        what,
        &job.started_by,
        job.started_at,
        state,
    )
}

fn changes(job: &BulkSummary, org: &str) -> Vec<Text> {
    let task = bulk_task(job.action, job.total);
    let what = if job.undo {
        ["Undo: ", &task].concat()
    } else {
        domain::unicode::capitalised(&task)
    };
    let state = (job.state, job.failed);
    cells(
        org,
        &job.id.to_string(),
        what,
        &job.started_by,
        job.started_at,
        state,
    )
}

fn cells(
    org: &str,
    id: &str,
    what: String,
    who: &str,
    at: DateTime<Utc>,
    (state, failed): (JobState, u32),
) -> Vec<Text> {
    let href = ["/o/", org, "/jobs/", id].concat();
    let (class, word) = match state {
        JobState::Waiting | JobState::Sending => ("nhsuk-tag--blue", "Running"),
        JobState::Stopped => ("nhsuk-tag--grey", "Stopped"),
        JobState::Finished if failed > 0 => ("nhsuk-tag--orange", "Finished with problems"),
        JobState::Finished => ("nhsuk-tag--green", "Finished"),
    };
    vec![
        view! { <a href=href>{what}</a> }.into_any().into(),
        who.to_owned().into(),
        view! { <Moment at/> }.into_any().into(),
        view! { <Tag class text=word/> }.into_any().into(),
    ]
}
