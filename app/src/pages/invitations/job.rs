//! Sending, while it goes on and afterwards (6.25, D4 step 7, F3). The result is read from the
//! database; the page can be left and come back to.

use domain::id::BulkJobId;
use domain::invitation::{EntryOutcome, JobProgress, JobState, JobView};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::{areas_key, not_sent_table, param};
use crate::browser::use_browser;
use crate::components::{
    Button, ButtonGroup, Meanwhile, OutcomeFigures, Page, Panel, Progress, SuccessBanner,
    SummaryList, SummaryRow, area_lines,
    form::{Form, Post, ask_again_after},
    layout::use_frame,
    loaded::Loaded,
};
use crate::messages::{outcome_label, plural, sentence};
use crate::pages::bulk::BulkJob;
use crate::reading::reading;
use crate::server_fns::invitations::{ReadJob, SendMore, StopJob};
use crate::wire;

/// A job: a bulk send, or a change of many users. One job leads to another without leaving the page: the
/// one that takes it back.
#[component]
pub fn JobPage() -> impl IntoView {
    let params = use_params_map();
    let job = Memo::new(move |_| params.with(|params| params.get("job").unwrap_or_default()));
    move || {
        if job.get().parse::<BulkJobId>().is_ok() {
            view! { <BulkJob/> }.into_any()
        } else {
            view! { <BatchJob/> }.into_any()
        }
    }
}

#[component]
fn BatchJob() -> impl IntoView {
    let (org, job) = (param("org"), param("job"));
    let stop = Post::<StopJob>::new();
    provide_context(stop);
    let resource = reading(move || ReadJob {
        org: org.clone(),
        job: job.clone(),
    });
    ask_again_after(stop, resource);
    view! {
        <Loaded
            resource
            view=|job| if job.has_result {
                view! { <Results job/> }.into_any()
            } else {
                view! { <Sending job/> }.into_any()
            }
        />
    }
}

const SENDING: &str = "Sending invitations";

/// How far a job is; in the browser it follows the work.
fn live(page: &str, start: JobProgress) -> ReadSignal<JobProgress> {
    let (progress, set_progress) = signal(start);
    if let Some(browser) = use_browser().filter(|_| !start.finished) {
        let path = [page, "/events"].concat();
        let listen = Callback::new(move |data: String| {
            if let Ok(now) = wire::decode::<JobProgress>(data.as_bytes()) {
                set_progress.set(now);
            }
        });
        (browser.watch)(path, listen);
    }
    progress
}

#[component]
fn Sending(job: JobView) -> impl IntoView {
    let org = param("org");
    let here = ["/o/", &org, "/jobs/", &job.id.to_string()].concat();
    let stop = expect_context::<Post<StopJob>>();
    let progress = live(&here, job.progress);
    let finished = Memo::new(move |_| progress.get().finished);
    let done = Signal::derive(move || progress.get().done);
    let total = Signal::derive(move || progress.get().total);
    let title = Signal::derive(move || {
        let now = progress.get();
        let number = |count: u32| domain::wording::number(count.into());
        [
            &number(now.done),
            " of ",
            &number(now.total),
            " sent – ",
            SENDING,
        ]
        .concat()
    });
    let results = here.clone();
    let end = move || {
        finished.get().then(|| {
            let href = results.clone();
            let now = progress.get_untracked();
            view! {
                <SuccessBanner heading=sent_words(now.total, now.failed) quiet=true/>
                <p><a href=href rel="external">"View results"</a></p>
            }
        })
    };
    let again = here.clone();
    let meanwhile = move || {
        (!finished.get()).then(|| {
            let href = again.clone();
            view! { <Meanwhile href/> }
        })
    };
    let job_id = job.id.to_string();
    let stoppable = job.can_invite.then(|| {
        view! {
            <Form action=stop>
                <input type="hidden" name="org" value=org.clone()/>
                <input type="hidden" name="job" value=job_id/>
                <Button variant="secondary">"Stop sending"</Button>
            </Form>
        }
    });
    view! {
        <Page title=SENDING document_title=title heading=false>
            <h1 class="nhsuk-heading-l" id="job-title">{SENDING}</h1>
            <Progress title_id="job-title" done total verb="sent"/>
            {standstill(progress)}
            {end}
            {meanwhile}
            <div hidden=move || finished.get()>{stoppable}</div>
        </Page>
    }
}

#[component]
fn Results(job: JobView) -> impl IntoView {
    let org = param("org");
    let title = heading(&job);
    let failed = job.failed.total;
    let wanted = job.progress.total;
    let panel = job.all_done() && job.state != JobState::Stopped && wanted > 0;
    let top = if panel {
        view! { <Panel heading=title.clone()/> }.into_any()
    } else {
        view! { <h1 class="nhsuk-heading-l">{title.clone()}</h1> }.into_any()
    };
    let not_sent = (failed > 0).then(|| {
        let caption = [
            &plural(failed.into(), "email address", "email addresses"),
            " not sent",
        ]
        .concat();
        let more = more_lines(job.failed.more());
        view! { {not_sent_table(caption, &org, job.failed.shown.clone())} {more} }
    });
    let left_out = (!job.left_out.is_empty()).then(|| {
        let caption = plural(
            job.left_out.total.into(),
            "line was skipped",
            "lines were skipped",
        );
        let more = more_lines(job.left_out.more());
        view! { {not_sent_table(caption, &org, job.left_out.shown.clone())} {more} }
    });
    let here = ["/o/", &org, "/jobs/", &job.id.to_string()].concat();
    let csv = [&here, "/results.csv"].concat();
    let users = ["/o/", &org, "/users"].concat();
    let jobs = ["/o/", &org, "/jobs"].concat();
    view! {
        <Page title heading=false>
            {top}
            {waiting(&job, &here)}
            {roles_given(&job)}
            {next_steps(&job)}
            {figures(&job)}
            {not_sent}
            {left_out}
            <p><a href=csv download="" rel="external">"Download results (CSV)"</a></p>
            {actions(&job, &org)}
            {about(&job)}
            <p><a href=users>"Go to users"</a></p>
            <p><a href=jobs>"See recent bulk work"</a></p>
        </Page>
    }
}

/// "12 invitations sent", or "10 of 12 invitations sent".
fn heading(job: &JobView) -> String {
    let failed = job.failed.total;
    let total = job.progress.total;
    let given = job.roles_given;
    let sent = total.saturating_sub(failed);
    if sent == given && given > 0 && failed == 0 {
        return [
            &plural(given.into(), "person", "people"),
            " given this role",
        ]
        .concat();
    }
    sent_words(total, failed)
}

fn sent_words(total: u32, failed: u32) -> String {
    let all = plural(total.into(), "invitation", "invitations");
    if failed == 0 {
        return [&all, " sent"].concat();
    }
    let sent = domain::wording::number(total.saturating_sub(failed).into());
    [&sent, " of ", &all, " sent"].concat()
}

fn more_lines(more: u32) -> Option<impl IntoView> {
    (more > 0).then(|| {
        let words = [
            "And ",
            &plural(more.into(), "more line", "more lines"),
            ". The CSV file has all of them.",
        ]
        .concat();
        view! { <p>{words}</p> }
    })
}

/// Emails that the mail server has not taken yet.
fn waiting(job: &JobView, page: &str) -> Option<impl IntoView + use<>> {
    if job.waiting == 0 {
        return None;
    }
    let progress = live(page, job.progress);
    let words = move || {
        let now = progress.get();
        let waiting = now.total.saturating_sub(now.done);
        if waiting == 0 {
            return "All emails have been sent.".to_owned();
        }
        let (one, many) = (
            "email is waiting to be sent.",
            "emails are waiting to be sent.",
        );
        plural(waiting.into(), one, many) + " This usually takes a few seconds."
    };
    Some(view! {
        <p id="job-waiting" role="status">{words}</p>
        {standstill(progress)}
    })
}

/// Why nothing moves, when nothing can be written.
pub(crate) fn standstill(progress: ReadSignal<JobProgress>) -> impl IntoView {
    let words = move || {
        let still = progress.get().stands_still;
        still.then(|| view! { <p>{[&sentence("job.stands_still", &[]), "."].concat()}</p> })
    };
    view! { <div role="status">{words}</div> }
}

fn roles_given(job: &JobView) -> Option<impl IntoView + use<>> {
    let given = job.roles_given;
    (given > 0 && given < job.progress.total).then(|| {
        let words = [
            &plural(given.into(), "person", "people"),
            " already had access and now have this role as well.",
        ]
        .concat();
        view! { <p>{words}</p> }
    })
}

fn next_steps(job: &JobView) -> Option<impl IntoView + use<>> {
    (job.invited > 0).then(|| {
        view! {
            <h2 class="nhsuk-heading-m">"What happens next"</h2>
            <p>
                "Each person gets an email with a link to register. Until they finish, they show as Pending in the users list. You can send an invitation again from there."
            </p>
        }
    })
}

/// Every outcome with its number. They add up to what was entered (R97).
fn figures(job: &JobView) -> Option<impl IntoView + use<>> {
    if job.counts.len() < 2 {
        return None;
    }
    let mut figures: Vec<(&'static str, u32)> = vec![("Entered", job.entered)];
    figures.extend(EntryOutcome::ALL.iter().filter_map(|outcome| {
        let count = job.count(*outcome);
        (count > 0).then(|| (outcome_label(outcome.as_str()), count))
    }));
    Some(view! { <OutcomeFigures figures/> })
}

/// Inviting more people with the same role and areas, and another try for those that may do better.
fn actions(job: &JobView, org: &str) -> impl IntoView + use<> {
    let more = Post::<SendMore>::new();
    let again = Post::<SendMore>::new();
    let names = (org.to_owned(), job.id.to_string());
    let names_again = names.clone();
    let hidden = |(org, job): (String, String)| {
        view! {
            <input type="hidden" name="org" value=org/>
            <input type="hidden" name="job" value=job/>
        }
    };
    let can_try = job.can_try_again();
    let words = if can_try == 1 {
        "Try the 1 again".to_owned()
    } else {
        [
            "Try the ",
            &domain::wording::number(can_try.into()),
            " again",
        ]
        .concat()
    };
    let try_again = (can_try > 0).then(|| {
        view! {
            <Form action=again>
                {hidden(names_again)} <input type="hidden" name="again" value="yes"/>
                <Button variant="secondary">{words}</Button>
            </Form>
        }
    });
    job.can_invite.then(|| {
        view! {
            <ButtonGroup>
                <Form action=more>{hidden(names)} <Button>"Send more invites"</Button></Form>
                {try_again}
            </ButtonGroup>
        }
    })
}

fn about(job: &JobView) -> impl IntoView + use<> {
    let organisation = use_frame().with_untracked(|frame| {
        frame
            .organisation
            .as_ref()
            .map(|organisation| organisation.name.clone())
            .unwrap_or_default()
    });
    let rows = vec![
        SummaryRow::new("Role", job.role.clone()),
        SummaryRow::new(
            areas_key(&job.area_label),
            area_lines(&job.areas, &organisation),
        ),
        SummaryRow::new("Sent by", job.started_by.clone()),
        SummaryRow::new("Sent on", domain::wording::date_and_time(job.started_at)),
    ];
    view! { <h2 class="nhsuk-heading-m">"Details"</h2> <SummaryList rows/> }
}

#[cfg(test)]
mod tests {
    use domain::invitation::{First, NotSent};

    use super::*;

    fn job(total: u32, failed: u32, given: u32) -> JobView {
        let row = NotSent {
            entry: None,
            line: 1,
            text: String::new(),
            outcome: EntryOutcome::NoSeat,
            user: None,
            name: String::new(),
        };
        JobView {
            id: "b-0198c0de000070008000000000000001".parse().unwrap(),
            state: JobState::Finished,
            entered: total,
            progress: JobProgress {
                total,
                ..JobProgress::default()
            },
            has_result: true,
            invited: total - failed - given,
            waiting: 0,
            roles_given: given,
            counts: Vec::new(),
            failed: First::of(std::iter::repeat_n(row, failed as usize), 5),
            left_out: First::default(),
            role: String::new(),
            areas: Vec::new(),
            area_label: String::new(),
            started_by: String::new(),
            started_at: "2026-11-21T09:30:00Z".parse().unwrap(),
            finished_at: None,
            can_invite: true,
        }
    }

    /// B08: how many were sent, in numbers.
    #[test]
    fn the_heading_says_how_many_were_sent() {
        assert_eq!(heading(&job(12, 0, 0)), "12 invitations sent");
        assert_eq!(heading(&job(1, 0, 0)), "1 invitation sent");
        assert_eq!(heading(&job(12, 2, 0)), "10 of 12 invitations sent");
        assert_eq!(heading(&job(1, 1, 0)), "0 of 1 invitation sent");
        assert_eq!(heading(&job(2, 0, 2)), "2 people given this role");
        assert_eq!(
            heading(&job(10_612, 12, 0)),
            "10,600 of 10,612 invitations sent"
        );
    }
}
