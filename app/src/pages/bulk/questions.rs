//! The questions of the journey, one on each page (6.2).

use domain::{
    Violations,
    activity::TypedDate,
    bulk::{self, BulkAction, BulkStep},
    membership::{AssignmentForm, DeactivateForm, DeactivationReason},
};
use leptos::prelude::*;

use super::{CAPTION, journey};
use crate::components::{
    AreasQuestion, Button, CharacterCount, Choice, DateInput, Page, Radios, RolePicker, TextInput,
    form::{Fields, Form, Post},
    loaded::Loaded,
};
use crate::messages::plural;
use crate::reading::reading;
use crate::server_fns::bulk::{
    AnswerBulkAreas, AnswerBulkDates, AnswerBulkReason, AnswerBulkRole, AnswerBulkRoleReason,
    ReadBulkAreas, ReadBulkDates, ReadBulkReason, ReadBulkRole, ReadBulkRoleReason,
};

/// A page of the journey, or nothing while it leads elsewhere.
fn unless_elsewhere<T>(page: Option<T>, show: fn(T) -> AnyView) -> AnyView {
    page.map_or_else(|| ().into_any(), show)
}

/// `/o/{org}/users/bulk/{draft}/role`
#[component]
pub fn BulkRolePage() -> impl IntoView {
    let journey = journey();
    let resource = reading(move || ReadBulkRole {
        org: journey.org.clone(),
        draft: journey.draft.clone(),
    });
    view! { <Loaded resource view=|page| unless_elsewhere(page, role)/> }
}

fn role(page: bulk::BulkRolePage) -> AnyView {
    let journey = journey();
    let action = Post::<AnswerBulkRole>::new();
    let (title, back, users) = (
        "What role will they have?",
        journey.users(),
        journey.users(),
    );
    let (hidden, cancel) = (journey.hidden(), journey.cancel());
    let hint = [
        &plural(
            page.people.into(),
            "user was selected",
            "users were selected",
        ),
        ". This role takes the place of the roles that they have in the same service.",
    ]
    .concat();
    view! {
        <Page title heading=false back>
            <Form
                action
                validate=|post: &Fields| {
                    if post.text("role").is_empty() {
                        return Err(Violations::one("role", "role.empty"));
                    }
                    Ok(())
                }
            >
                {hidden}
                <RolePicker
                    legend=title
                    caption=CAPTION
                    hint
                    roles=page.roles
                    checked=page.chosen
                    users
                />
                <Button>"Continue"</Button>
            </Form>
            {cancel}
        </Page>
    }
    .into_any()
}

/// `/o/{org}/users/bulk/{draft}/areas`
#[component]
pub fn BulkAreasPage() -> impl IntoView {
    let journey = journey();
    let resource = reading(move || ReadBulkAreas {
        org: journey.org.clone(),
        draft: journey.draft.clone(),
    });
    view! { <Loaded resource view=|page| unless_elsewhere(page, areas)/> }
}

fn areas(page: bulk::BulkAreasPage) -> AnyView {
    let journey = journey();
    let action = Post::<AnswerBulkAreas>::new();
    let (title, back) = if page.action == BulkAction::Role {
        ("Where do they need access?", journey.page(BulkStep::Role))
    } else {
        ("Where do they need access as well?", journey.users())
    };
    let mut hint = plural(
        page.people.into(),
        "user was selected",
        "users were selected",
    );
    hint.push_str(". Select all that apply. What you select includes everything inside it.");
    if page.action == BulkAction::Areas {
        hint.push_str(" They keep the access that they have.");
    }
    let (hidden, cancel) = (journey.hidden(), journey.cancel());
    view! {
        <AreasQuestion
            action
            title
            caption=CAPTION
            hint
            question=page.question
            back
            hidden
            cancel
        />
    }
    .into_any()
}

/// `/o/{org}/users/bulk/{draft}/end-date`
#[component]
pub fn BulkDatesPage() -> impl IntoView {
    let journey = journey();
    let resource = reading(move || ReadBulkDates {
        org: journey.org.clone(),
        draft: journey.draft.clone(),
    });
    view! { <Loaded resource view=|page| unless_elsewhere(page, dates)/> }
}

fn dates(page: bulk::BulkDatesPage) -> AnyView {
    let journey = journey();
    let action = Post::<AnswerBulkDates>::new();
    let title = "What is the last day of their access?";
    let (back, hidden, cancel) = (journey.users(), journey.hidden(), journey.cancel());
    let selected = plural(
        page.people.into(),
        "user was selected",
        "users were selected",
    );
    let words = [
        &selected,
        ". Everything that they have here ends after this day. Their accounts stay.",
    ]
    .concat();
    let value = TypedDate {
        day: page.dates.end_day,
        month: page.dates.end_month,
        year: page.dates.end_year,
    };
    view! {
        <Page title caption=CAPTION back>
            <p>{words}</p>
            <Form action>
                {hidden}
                <DateInput name="end" joint="_" legend="Last day" hint="For example, 31 3 2027" value/>
                <Button>"Continue"</Button>
            </Form>
            {cancel}
        </Page>
    }
    .into_any()
}

/// `/o/{org}/users/bulk/{draft}/deactivate`
#[component]
pub fn BulkReasonPage() -> impl IntoView {
    let journey = journey();
    let resource = reading(move || ReadBulkReason {
        org: journey.org.clone(),
        draft: journey.draft.clone(),
    });
    view! { <Loaded resource view=|page| unless_elsewhere(page, reason)/> }
}

fn reason(page: bulk::BulkReasonPage) -> AnyView {
    let journey = journey();
    let action = Post::<AnswerBulkReason>::new();
    let title = "Why are you deactivating these accounts?";
    let (back, hidden, cancel) = (journey.users(), journey.hidden(), journey.cancel());
    let hint = [
        &plural(
            page.people.into(),
            "user was selected",
            "users were selected",
        ),
        ". You can reactivate them at any time.",
    ]
    .concat();
    let other = page.reason_other;
    let choices = DeactivationReason::ALL
        .iter()
        .map(|reason| {
            let choice = Choice::new(reason.as_str(), reason.words());
            if *reason == DeactivationReason::Other {
                let value = other.clone();
                let field = view! { <TextInput name="reason_other" label="Reason" value/> };
                choice.reveals(field.into_any())
            } else {
                choice
            }
        })
        .collect();
    view! {
        <Page title heading=false back>
            <Form
                action
                validate=|post: &Fields| {
                    DeactivateForm {
                        confirm: "yes".to_owned(),
                        reason: post.text("reason"),
                        reason_other: post.text("reason_other"),
                    }
                        .validate()
                        .map(drop)
                }
            >
                {hidden}
                <Radios
                    name="reason"
                    legend=title
                    legend_size="l"
                    legend_is_heading=true
                    caption=CAPTION
                    hint
                    choices
                    checked=page.reason
                />
                <Button>"Continue"</Button>
            </Form>
            {cancel}
        </Page>
    }
    .into_any()
}

/// `/o/{org}/users/bulk/{draft}/reason`
#[component]
pub fn BulkRoleReasonPage() -> impl IntoView {
    let journey = journey();
    let resource = reading(move || ReadBulkRoleReason {
        org: journey.org.clone(),
        draft: journey.draft.clone(),
    });
    view! { <Loaded resource view=|page| unless_elsewhere(page, role_reason)/> }
}

fn role_reason(page: bulk::BulkRoleReasonPage) -> AnyView {
    let journey = journey();
    let action = Post::<AnswerBulkRoleReason>::new();
    let title = ["Why do they need the role ", &page.role, "?"].concat();
    let (back, hidden, cancel) = (journey.page(page.back), journey.hidden(), journey.cancel());
    let selected = plural(
        page.people.into(),
        "user was selected",
        "users were selected",
    );
    let words = [
        &selected,
        ". With this role they manage other people: they can give access and take it away.",
    ]
    .concat();
    let value = page.reason;
    view! {
        <Page title caption=CAPTION back>
            <p>{words}</p>
            <Form
                action
                validate=|post: &Fields| {
                    let form = AssignmentForm { reason: post.text("reason"), ..AssignmentForm::default() };
                    form.validate_reason().map(drop)
                }
            >
                {hidden}
                <CharacterCount
                    name="reason"
                    label="Reason"
                    hint="Administrators can see this."
                    limit=500
                    rows=3
                    value
                />
                <Button>"Continue"</Button>
            </Form>
            {cancel}
        </Page>
    }
    .into_any()
}
