//! An organisation's home (C2): what needs attention for those who manage users, what they can do here for
//! everybody else.

use std::time::Duration;

use domain::{
    account::AccountRole,
    bulk::ListedJob,
    home::{ActivityItem, Attention, AttentionCount, FirstRun, HomeView, OtherPlace, OwnAccess},
    invitation::JobState,
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::activity::short_item;
use crate::components::{
    ButtonLink, ImportantBanner, Moment, Page, PermissionsList, SummaryList, SummaryRow, TaskItem,
    TaskList, TaskState, Timeline, lines, loaded::Loaded,
};
use crate::messages::plural;
use crate::reading::{reading, watch};
use crate::server_fns::home::ReadHome;

/// Where people start.
#[component]
pub fn HomePage() -> impl IntoView {
    let resource = {
        let organisation = organisation();
        reading(move || ReadHome {
            organisation: organisation(),
        })
    };
    view! { <Loaded resource view=|home| view! { <Home home/> }.into_any()/> }
}

/// The code of the organisation of this address.
pub(super) fn organisation() -> impl Fn() -> String + Copy + Send + Sync + 'static {
    let params = use_params_map();
    move || params.with(|params| params.get("org").unwrap_or_default())
}

#[component]
fn Home(home: HomeView) -> impl IntoView {
    let base = ["/o/", &home.slug].concat();
    let add = [&base, "/users/add"].concat();
    let lone = home.lone_administrator.then(|| {
        let href = add.clone();
        view! {
            <ImportantBanner heading="This organisation has only 1 administrator">
                <p>
                    "Nobody else can manage users while you are away. "
                    <a class="nhsuk-notification-banner__link" href=href>"Add a second administrator"</a>
                </p>
            </ImportantBanner>
        }
    });
    let first_run = home.first_run.map(|done| first_run(done, &add));
    let attention = home
        .attention
        .map(|counts| view! { <NeedsAttention counts slug=home.slug.clone()/> });
    let elsewhere = elsewhere(home.elsewhere);
    let add = home
        .can_add_users
        .then(|| view! { <ButtonLink href=add>"Add users"</ButtonLink> });
    let jobs = home
        .jobs
        .map(|jobs| view! { <RecentJobs jobs base=base.clone()/> });
    let activity = home
        .activity
        .map(|items| view! { <Activity items all=[&base, "/activity"].concat()/> });
    let access = home.access.map(|access| {
        let organisation = home.organisation_name.clone();
        let roles = [&base, "/roles"].concat();
        view! { <WhatYouCanDo access organisation roles/> }
    });
    view! {
        <Page title=home.organisation_name document_title=Signal::stored("Home".to_owned())>
            {lone}
            {first_run}
            {attention}
            {add}
            {elsewhere}
            {access}
            {jobs}
            {activity}
            <h2 class="nhsuk-heading-m">"Your account"</h2>
            <p><a class="nhsuk-link" href="/account">"See your details and where you have access"</a></p>
        </Page>
    }
}

/// What an organisation does first (ux 6.20).
fn first_run(done: FirstRun, add: &str) -> AnyView {
    let second = if done.second_administrator {
        TaskState::Completed
    } else {
        TaskState::Incomplete
    };
    let items = vec![
        TaskItem {
            text: "Add a second administrator".to_owned(),
            hint: Some("Nobody else can manage users while you are away.".to_owned()),
            href: add.to_owned(),
            state: second,
        },
        TaskItem {
            text: "Invite your users".to_owned(),
            hint: Some("One by one, or paste a list of email addresses.".to_owned()),
            href: add.to_owned(),
            state: TaskState::Incomplete,
        },
    ];
    view! {
        <h2 class="nhsuk-heading-m">"Get started"</h2>
        <TaskList id="first-run" items/>
    }
    .into_any()
}

/// How often the counts are looked at anew.
const EVERY: Duration = Duration::from_secs(60);

#[component]
fn NeedsAttention(counts: Vec<AttentionCount>, slug: String) -> impl IntoView {
    let base = ["/o/", &slug].concat();
    let counts = RwSignal::new(counts);
    let answered = Callback::new(move |home: HomeView| {
        let fresh = home.attention.unwrap_or_default();
        if counts.with_untracked(|shown| *shown != fresh) {
            counts.set(fresh);
        }
    });
    watch(ReadHome { organisation: slug }, EVERY, answered);
    view! {
        <h2 class="nhsuk-heading-m">"Needs your attention"</h2>
        {move || counts.with(|counts| attention(counts, &base))}
    }
}

fn attention(counts: &[AttentionCount], base: &str) -> AnyView {
    if counts.is_empty() {
        return view! { <p>"Nothing needs your attention."</p> }.into_any();
    }
    let items: Vec<AnyView> = counts
        .iter()
        .map(|one| {
            let href = [base, "/users", &one.what.query().to_query_string()].concat();
            view! { <li><a class="nhsuk-link" href=href>{words(*one)}</a></li> }.into_any()
        })
        .collect();
    view! { <ul class="nhsuk-list">{items}</ul> }.into_any()
}

/// The person's other organisations, and how much needs attention there (J08).
fn elsewhere(places: Vec<OtherPlace>) -> Option<AnyView> {
    if places.is_empty() {
        return None;
    }
    let rows = places
        .into_iter()
        .map(|place| {
            let name = [&place.name, " (", &place.code, ")"].concat();
            let words = match place.attention {
                Some(0) => "Nothing needs your attention".to_owned(),
                Some(count) => plural(
                    count.into(),
                    "thing needs your attention",
                    "things need your attention",
                ),
                None => String::new(),
            };
            let href = ["/o/", &place.slug].concat();
            SummaryRow::new(name, words).action("Open", href, place.name)
        })
        .collect();
    Some(
        view! {
            <h2 class="nhsuk-heading-m">"Your other organisations"</h2>
            <SummaryList rows/>
        }
        .into_any(),
    )
}

/// "3 invitations expire within 2 days", "More than 500 users have 2-step sign in off"
fn words(counted: AttentionCount) -> String {
    let (one, many) = match counted.what {
        Attention::Ending => (
            "invitation expires within 2 days",
            "invitations expire within 2 days",
        ),
        Attention::Expired => ("invitation expired", "invitations expired"),
        Attention::EmailFailed => (
            "invitation email could not be delivered",
            "invitation emails could not be delivered",
        ),
        Attention::WithoutRole => ("active user has no role", "active users have no role"),
        Attention::Dormant => (
            "user has not signed in for 60 days or more",
            "users have not signed in for 60 days or more",
        ),
        Attention::CodesOff => (
            "user has 2-step sign in off",
            "users have 2-step sign in off",
        ),
        Attention::AccessEnding => (
            "user has access that ends this week",
            "users have access that ends this week",
        ),
    };
    let more = if counted.more { "More than " } else { "" };
    [more, &plural(counted.count.into(), one, many)].concat()
}

#[component]
fn RecentJobs(jobs: Vec<ListedJob>, base: String) -> impl IntoView {
    let items: Vec<AnyView> = jobs
        .into_iter()
        .map(|job| {
            let href = [&base, "/jobs/", &job.id].concat();
            let state = state_words(&job);
            view! {
                <li>
                    <a class="nhsuk-link" href=href>{job.what}</a>
                    <p class="nhsuk-u-secondary-text-colour nhsuk-u-margin-bottom-2">
                        {state} ", started by " {job.started_by} " on "
                        <Moment at=job.started_at/>
                    </p>
                </li>
            }
            .into_any()
        })
        .collect();
    view! {
        <h2 class="nhsuk-heading-m">"Recent bulk work"</h2>
        <ul class="nhsuk-list">{items}</ul>
        <p><a class="nhsuk-link" href=[&base, "/jobs"].concat()>"See all bulk work"</a></p>
    }
}

/// "Finished, 2 failed"
fn state_words(job: &ListedJob) -> String {
    let state = match job.state {
        JobState::Waiting | JobState::Sending => "Running",
        JobState::Finished => "Finished",
        JobState::Stopped => "Stopped",
    };
    if job.failed == 0 {
        return state.to_owned();
    }
    [state, ", ", &plural(job.failed.into(), "failed", "failed")].concat()
}

#[component]
fn Activity(items: Vec<ActivityItem>, all: String) -> impl IntoView {
    let content = if items.is_empty() {
        view! { <p>"No activity yet."</p> }.into_any()
    } else {
        let items = items.into_iter().map(short_item).collect();
        view! {
            <Timeline items days=false/>
            <p><a class="nhsuk-link" href=all>"See all activity"</a></p>
        }
        .into_any()
    };
    view! {
        <h2 class="nhsuk-heading-m">"Recent activity"</h2>
        {content}
    }
}

#[component]
fn WhatYouCanDo(access: OwnAccess, organisation: String, roles: String) -> impl IntoView {
    let held = if access.roles.is_empty() {
        view! { <p>"You do not have a role in this organisation yet."</p> }.into_any()
    } else {
        let rows: Vec<SummaryRow> = access
            .roles
            .iter()
            .map(|role| role_row(role, &organisation))
            .collect();
        view! { <SummaryList rows/> }.into_any()
    };
    let ask = if access.administrators.is_empty() {
        view! { <p>"To change your access, "<a class="nhsuk-link" href="/contact">"contact us"</a>"."</p> }.into_any()
    } else {
        let names: Vec<AnyView> = access
            .administrators
            .into_iter()
            .map(|name| view! { <li>{name}</li> }.into_any())
            .collect();
        view! {
            <p>"Ask one of these people to change your access:"</p>
            <ul class="nhsuk-list nhsuk-list--bullet">{names}</ul>
        }
        .into_any()
    };
    view! {
        <h2 class="nhsuk-heading-m">"Your roles"</h2>
        {held}
        <h2 class="nhsuk-heading-m" id="what-you-can-do">"What you can do here"</h2>
        <PermissionsList can=access.can cannot=access.cannot label="What you can do here"/>
        <p><a class="nhsuk-link" href=roles>"See what each role can do"</a></p>
        <h2 class="nhsuk-heading-m">"Your administrators"</h2>
        {ask}
    }
}

/// A role, and where it holds.
fn role_row(role: &AccountRole, organisation: &str) -> SummaryRow {
    if role.areas.is_empty() {
        let everywhere = ["All of ", organisation].concat();
        SummaryRow::new(role.name.clone(), everywhere)
    } else {
        SummaryRow::new(role.name.clone(), lines(role.areas.iter().cloned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_read_as_sentences() {
        for (what, count, more, sentence) in [
            (
                Attention::Ending,
                1,
                false,
                "1 invitation expires within 2 days",
            ),
            (
                Attention::Expired,
                1_204,
                false,
                "1,204 invitations expired",
            ),
            (
                Attention::WithoutRole,
                2,
                false,
                "2 active users have no role",
            ),
            (
                Attention::Dormant,
                500,
                true,
                "More than 500 users have not signed in for 60 days or more",
            ),
            (
                Attention::CodesOff,
                1,
                false,
                "1 user has 2-step sign in off",
            ),
            (
                Attention::AccessEnding,
                3,
                false,
                "3 users have access that ends this week",
            ),
        ] {
            assert_eq!(words(AttentionCount { what, count, more }), sentence);
        }
    }
}
