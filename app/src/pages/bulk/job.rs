//! A change of many users, while it goes on and afterwards (6.25, F3). The result is read from the
//! database; the page can be left and come back to.

use domain::{
    bulk::{BulkAction, BulkJobView, BulkUndo},
    invitation::{JobProgress, JobState},
    wording::{date_and_time, number},
};
use leptos::prelude::*;

use super::{is_about_access, left_as_they_are, more, name, param};
use crate::browser::use_browser;
use crate::components::{
    Button, ButtonGroup, Column, Meanwhile, Page, Panel, Progress, SuccessBanner, SummaryList,
    SummaryRow, Table, area_lines,
    form::{Form, Post, ask_again_after},
    loaded::Loaded,
    who_holds,
};
use crate::messages::{bulk_done, bulk_going_on, bulk_verb, plural};
use crate::pages::invitations::standstill;
use crate::reading::reading;
use crate::server_fns::bulk::{ReadBulkJob, StopBulkJob, UndoBulkJob};
use crate::wire;

/// The job of the address.
#[component]
pub fn BulkJob() -> impl IntoView {
    let (org, job) = (param("org"), param("job"));
    let stop = Post::<StopBulkJob>::new();
    provide_context(stop);
    let resource = reading(move || ReadBulkJob {
        org: org.clone(),
        job: job.clone(),
    });
    ask_again_after(stop, resource);
    view! {
        <Loaded
            resource
            view=|job| if job.finished_at.is_some() {
                view! { <Results job/> }.into_any()
            } else {
                view! { <GoingOn job/> }.into_any()
            }
        />
    }
}

fn address(job: &BulkJobView) -> String {
    ["/o/", &param("org"), "/jobs/", &job.id.to_string()].concat()
}

#[component]
fn GoingOn(job: BulkJobView) -> impl IntoView {
    let here = address(&job);
    let stop = expect_context::<Post<StopBulkJob>>();
    let (action, undo) = (job.what.action, job.undoes.is_some());
    let heading = bulk_going_on(action, undo);
    let (progress, set_progress) = signal(job.progress);
    if let Some(browser) = use_browser() {
        let listen = Callback::new(move |data: String| {
            if let Ok(now) = wire::decode::<JobProgress>(data.as_bytes()) {
                set_progress.set(now);
            }
        });
        (browser.watch)([&here, "/events"].concat(), listen);
    }
    let finished = Memo::new(move |_| progress.get().finished);
    let done = Signal::derive(move || progress.get().done);
    let total = Signal::derive(move || progress.get().total);
    let verb = bulk_verb(action, undo);
    let title = Signal::derive(move || {
        let now = progress.get();
        [
            &number(now.done.into()),
            " of ",
            &number(now.total.into()),
            " ",
            verb,
            " – ",
            heading,
        ]
        .concat()
    });
    let results = here.clone();
    let end = move || {
        finished.get().then(|| {
            let href = results.clone();
            let now = progress.get_untracked();
            view! {
                <SuccessBanner heading=bulk_done(action, undo, now.total, now.failed) quiet=true/>
                <p><a href=href rel="external">"View results"</a></p>
            }
        })
    };
    let meanwhile = move || {
        (!finished.get()).then(|| {
            let href = here.clone();
            view! { <Meanwhile href/> }
        })
    };
    let words = if action == BulkAction::Resend && !undo {
        "Stop sending"
    } else {
        "Stop"
    };
    let stoppable = job.can_stop.then(|| {
        view! {
            <Form action=stop>
                <input type="hidden" name="org" value=param("org")/>
                <input type="hidden" name="job" value=job.id.to_string()/>
                <Button variant="secondary">{words}</Button>
            </Form>
        }
    });
    view! {
        <Page title=heading document_title=title heading=false>
            <h1 class="nhsuk-heading-l" id="job-title">{heading}</h1>
            <Progress title_id="job-title" done total verb/>
            {standstill(progress)}
            {end}
            {meanwhile}
            <div hidden=move || finished.get()>{stoppable}</div>
        </Page>
    }
}

#[component]
fn Results(job: BulkJobView) -> impl IntoView {
    let org = param("org");
    let (action, undo) = (job.what.action, job.undoes.is_some());
    let title = bulk_done(action, undo, job.progress.total, job.failed.total);
    let whole = job.failed.is_empty() && job.state != JobState::Stopped;
    let top = if whole {
        view! { <Panel heading=title.clone()/> }.into_any()
    } else {
        view! { <h1 class="nhsuk-heading-l">{title.clone()}</h1> }.into_any()
    };
    let failed = [
        &plural(job.failed.total.into(), "user was", "users were"),
        " not changed",
    ]
    .concat();
    let left_out = [
        &plural(job.left_out.total.into(), "user was", "users were"),
        " left out",
    ]
    .concat();
    let here = address(&job);
    let places = who_holds(job.places.clone());
    let csv = [&here, "/results.csv"].concat();
    let users = ["/o/", &org, "/users"].concat();
    let jobs = ["/o/", &org, "/jobs"].concat();
    let (next, undoing, done, about) = (
        next(&job),
        undoing(&job, &org),
        done(&job, &org),
        about(&job, &org),
    );
    view! {
        <Page title heading=false>
            {top}
            {next}
            {undoing}
            {left_as_they_are(failed, &org, &job.failed)}
            {left_as_they_are(left_out, &org, &job.left_out)}
            {places}
            {done}
            <p><a href=csv download="" rel="external">"Download results (CSV)"</a></p>
            {about}
            <p><a href=users>"Go to users"</a></p>
            <p><a href=jobs>"See recent bulk work"</a></p>
        </Page>
    }
}

/// What happens next.
fn next(job: &BulkJobView) -> AnyView {
    if job.done.is_empty() {
        return ().into_any();
    }
    let words = match job.what.action {
        _ if job.undoes.is_some() => {
            "Whoever was not told of the change yet is not told of it. Everybody else gets an email that corrects the first one."
        }
        BulkAction::Resend => {
            "Each person gets an email with a new link. Until they finish registering, they show as Pending in the users list."
        }
        BulkAction::Cancel => "The links in their emails no longer work.",
        BulkAction::Deactivate => {
            "They can no longer use this organisation. Each of them gets an email."
        }
        _ => "Each of them gets an email that says what has changed.",
    };
    view! {
        <h2 class="nhsuk-heading-m">"What happens next"</h2>
        <p>{words}</p>
    }
    .into_any()
}

/// "Undo all 12", as long as it can be undone, or where it was.
fn undoing(job: &BulkJobView, org: &str) -> AnyView {
    match job.undo {
        BulkUndo::No => ().into_any(),
        BulkUndo::By(undoing) => {
            let href = ["/o/", org, "/jobs/", &undoing.to_string()].concat();
            view! { <p>"This was undone. " <a href=href>"See what was undone"</a></p> }.into_any()
        }
        BulkUndo::Offered(count) => {
            let action = Post::<UndoBulkJob>::new();
            let words = match count {
                1 => "Undo".to_owned(),
                count => ["Undo all ", &number(count.into())].concat(),
            };
            let (org, id) = (org.to_owned(), job.id.to_string());
            view! {
                <ButtonGroup>
                    <Form action>
                        <input type="hidden" name="org" value=org/>
                        <input type="hidden" name="job" value=id/>
                        <Button variant="secondary">{words}</Button>
                    </Form>
                </ButtonGroup>
            }
            .into_any()
        }
    }
}

/// Everybody who was changed.
fn done(job: &BulkJobView, org: &str) -> AnyView {
    if job.done.is_empty() {
        return ().into_any();
    }
    let caption = bulk_done(job.what.action, job.undoes.is_some(), job.done.total, 0);
    let rows = job
        .done
        .shown
        .iter()
        .map(|person| vec![name(org, person)])
        .collect();
    let more = more(job.done.more(), true);
    view! {
        <Table caption columns=vec![Column::new("User")] rows compact=true/>
        {more}
    }
    .into_any()
}

fn about(job: &BulkJobView, org: &str) -> AnyView {
    let what = &job.what;
    let mut rows = Vec::new();
    if is_about_access(what.action) {
        if !what.role.is_empty() {
            rows.push(SummaryRow::new("New role", what.role.clone()));
        }
        if what.asks_areas {
            let areas = area_lines(&what.areas, &what.organisation);
            rows.push(SummaryRow::new(
                domain::unicode::capitalised(&what.area_label),
                areas,
            ));
        }
        if !what.last_day.is_empty() {
            rows.push(SummaryRow::new("Last day", what.last_day.clone()));
        }
    }
    if !what.reason.is_empty() {
        rows.push(SummaryRow::new("Reason", what.reason.clone()));
    }
    rows.push(SummaryRow::new("Selected", number(job.selected.into())));
    rows.push(SummaryRow::new("Started by", job.started_by.clone()));
    rows.push(SummaryRow::new("Started on", date_and_time(job.started_at)));
    let first = job.undoes.map(|first| {
        let href = ["/o/", org, "/jobs/", &first.to_string()].concat();
        view! { <p><a href=href>"See the change that was undone"</a></p> }
    });
    view! { <h2 class="nhsuk-heading-m">"Details"</h2> <SummaryList rows/> {first} }.into_any()
}
