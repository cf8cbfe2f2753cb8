//! Inviting people (D2, D4), the work behind it (F2, F3), and what can be done with an invitation
//! (E7).

mod add;
mod areas;
mod check;
mod correct;
mod emails;
mod job;
mod jobs;
mod message;
mod problems;
mod role;
mod sent;

pub use add::AddUsersPage;
pub use areas::InviteAreasPage;
pub use check::InviteCheckPage;
pub use correct::CorrectEmailPage;
pub use emails::InviteEmailsPage;
pub use job::JobPage;
pub(crate) use job::standstill;
pub use jobs::JobsPage;
pub use message::InviteMessagePage;
pub use problems::InviteProblemsPage;
pub use role::InviteRolePage;
pub use sent::SentInvitationPage;

use domain::invitation::{InviteStep, NotSent};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::components::{Column, Table, Text};
use crate::messages::{outcome_advice, outcome_label};

/// The journey's name above its questions.
const CAPTION: &str = "Invite users";

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
    fn page(&self, step: InviteStep) -> String {
        let Self { org, draft } = self;
        ["/o/", org, "/users/invite/", draft, "/", step.as_str()].concat()
    }

    fn users(&self) -> String {
        ["/o/", &self.org, "/users"].concat()
    }

    /// What every form of the journey posts.
    fn hidden(&self) -> impl IntoView + use<> {
        view! {
            <input type="hidden" name="org" value=self.org.clone()/>
            <input type="hidden" name="draft" value=self.draft.clone()/>
        }
    }

    /// The way out, after the button.
    fn cancel(&self) -> impl IntoView + use<> {
        view! { <p><a href=self.users()>"Cancel inviting users"</a></p> }
    }
}

/// What the organisation calls its areas, as the key of a row: "Service areas".
fn areas_key(label: &str) -> String {
    if label.is_empty() {
        return "Where".to_owned();
    }
    domain::unicode::capitalised(label)
}

/// Addresses that got no invitation, why, and what can be done.
fn not_sent_table(caption: String, org: &str, rows: Vec<NotSent>) -> AnyView {
    let columns = vec![
        Column::new("Email address"),
        Column::new("Reason"),
        Column::new("What to do"),
    ];
    let rows: Vec<Vec<Text>> = rows
        .into_iter()
        .map(|row| {
            let outcome = row.outcome.as_str();
            let who = match row.user {
                Some(user) => {
                    let href = ["/o/", org, "/users/", &user.to_string()].concat();
                    view! { <a href=href class="nhsuk-u-text-break-word">{row.text}</a> }.into_any()
                }
                None => {
                    view! { <span class="nhsuk-u-text-break-word">{row.text}</span> }.into_any()
                }
            };
            vec![
                who.into(),
                outcome_label(outcome).into(),
                outcome_advice(outcome).into(),
            ]
        })
        .collect();
    view! { <Table caption columns rows responsive=true class="app-not-sent"/> }.into_any()
}
