//! Recent bulk work (F2).

use domain::{bulk::ListedJob, invitation::JobState};
use leptos::prelude::*;

use super::param;
use crate::components::{Column, Page, Table, Tag, Text, loaded::Loaded, timeline::Moment};
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
    let rows: Vec<Vec<Text>> = jobs.into_iter().map(|job| row(job, &org)).collect();
    let caption = view! { <span class="nhsuk-u-visually-hidden">{title}</span> }.into_any();
    view! { <Page title wide=true><Table caption columns rows responsive=true/></Page> }.into_any()
}

fn row(job: ListedJob, org: &str) -> Vec<Text> {
    let href = ["/o/", org, "/jobs/", &job.id].concat();
    let (class, word) = match job.state {
        JobState::Waiting | JobState::Sending => ("nhsuk-tag--blue", "Running"),
        JobState::Stopped => ("nhsuk-tag--grey", "Stopped"),
        JobState::Finished if job.failed > 0 => ("nhsuk-tag--orange", "Finished with problems"),
        JobState::Finished => ("nhsuk-tag--green", "Finished"),
    };
    vec![
        view! { <a href=href>{job.what}</a> }.into_any().into(),
        job.started_by.into(),
        view! { <Moment at=job.started_at/> }.into_any().into(),
        view! { <Tag class text=word/> }.into_any().into(),
    ]
}
