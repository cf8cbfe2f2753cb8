//! Changing many users at once (F1): the questions, the page of answers, the interruption before many are
//! deactivated, and the result.

mod check;
mod job;
mod questions;

pub use job::BulkJob;

use check::BulkCheckPage;
use questions::{BulkAreasPage, BulkDatesPage, BulkReasonPage, BulkRolePage, BulkRoleReasonPage};

use domain::{
    bulk::{BulkAction, BulkPerson, BulkStep},
    invitation::First,
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::components::{Column, Table, Text, breakable};
use crate::messages::{bulk_reason, plural};

/// `/o/{org}/users/bulk/{draft}/{step}`: one address for all steps. A step that asks nothing is the page of
/// answers.
#[component]
pub fn BulkPage() -> impl IntoView {
    let params = use_params_map();
    let step = Memo::new(move |_| {
        let step = params.with(|params| params.get("step").unwrap_or_default());
        BulkStep::parse(&step).unwrap_or(BulkStep::Check)
    });
    move || match step.get() {
        BulkStep::Role => view! { <BulkRolePage/> }.into_any(),
        BulkStep::Areas => view! { <BulkAreasPage/> }.into_any(),
        BulkStep::EndDate => view! { <BulkDatesPage/> }.into_any(),
        BulkStep::Deactivate => view! { <BulkReasonPage/> }.into_any(),
        BulkStep::Reason => view! { <BulkRoleReasonPage/> }.into_any(),
        BulkStep::Check => view! { <BulkCheckPage/> }.into_any(),
        BulkStep::Sure => view! { <BulkCheckPage sure=true/> }.into_any(),
    }
}

/// The journey's name above its questions.
const CAPTION: &str = "Change several users";

/// A part of the address of this page.
fn param(name: &str) -> String {
    use_params_map().with_untracked(|params| params.get(name).unwrap_or_default())
}

/// The organisation and the draft of a page of the journey.
#[derive(Clone)]
struct Journey {
    org: String,
    draft: String,
}

fn journey() -> Journey {
    Journey {
        org: param("org"),
        draft: param("draft"),
    }
}

impl Journey {
    fn page(&self, step: BulkStep) -> String {
        let Self { org, draft } = self;
        ["/o/", org, "/users/bulk/", draft, "/", step.as_str()].concat()
    }

    fn users(&self) -> String {
        ["/o/", &self.org, "/users"].concat()
    }

    /// What every form of the journey posts.
    fn hidden(&self) -> AnyView {
        view! {
            <input type="hidden" name="org" value=self.org.clone()/>
            <input type="hidden" name="draft" value=self.draft.clone()/>
        }
        .into_any()
    }

    /// The way out, after the button.
    fn cancel(&self) -> AnyView {
        view! { <p><a href=self.users()>"Cancel and go back to users"</a></p> }.into_any()
    }
}

/// The name with its link, and the address under it.
fn name(org: &str, person: &BulkPerson) -> Text {
    let href = ["/o/", org, "/users/", &person.user.to_string()].concat();
    let email = (person.email != person.name).then(|| {
        view! { <span class="app-secondary app-break">{breakable(person.email.clone())}</span> }
    });
    view! {
        <div class="app-break"><a href=href>{breakable(person.name.clone())}</a> {email}</div>
    }
    .into_any()
    .into()
}

/// People who are left as they are, and why.
fn left_as_they_are(caption: String, org: &str, people: &First<BulkPerson>) -> AnyView {
    if people.is_empty() {
        return ().into_any();
    }
    let columns = vec![Column::new("User"), Column::new("Reason")];
    let row = |person: &BulkPerson| vec![name(org, person), bulk_reason(person.outcome).into()];
    let rows: Vec<Vec<Text>> = people.shown.iter().map(row).collect();
    let more = more(people.more(), true);
    view! { <Table caption columns rows responsive=true/> {more} }.into_any()
}

/// "And 4,800 more users."
fn more(more: u32, in_the_file: bool) -> Option<AnyView> {
    (more > 0).then(|| {
        let words = [
            "And ",
            &plural(more.into(), "more user", "more users"),
            if in_the_file {
                ". The CSV file has all of them."
            } else {
                "."
            },
        ]
        .concat();
        view! { <p>{words}</p> }.into_any()
    })
}

/// Whether an action is about access, so that what somebody has is worth saying.
const fn is_about_access(action: BulkAction) -> bool {
    matches!(
        action,
        BulkAction::Role | BulkAction::Areas | BulkAction::EndDate
    )
}
