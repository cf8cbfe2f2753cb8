//! One person in one organisation (E1): who they are, their status, what they can do, and how they
//! were invited.

use chrono::{DateTime, Utc};
use domain::{
    ShownStatus,
    invitation::{Delivery, InvitationStatus},
    membership::HeldRole,
    user::{UserInvitation, UserPage},
    wording::{date, moment},
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::{account::words_of, activity::short_item, memberships::where_and_when};
use crate::components::{
    ButtonLink, InsetText, Link, Page, PermissionsList, StatusTag, SummaryList, SummaryRow,
    Timeline, TimelineItem, breakable, lines, loaded::Loaded,
};
use crate::reading::reading;
use crate::server_fns::user::ReadUser;

/// A person, as an administrator sees them.
#[component]
pub fn PersonPage() -> impl IntoView {
    let params = use_params_map();
    let param = move |name: &str| params.with(|params| params.get(name).unwrap_or_default());
    let resource = reading(move || ReadUser {
        organisation: param("org"),
        user: param("user"),
    });
    view! { <Loaded resource view=|user| view! { <Person user/> }.into_any()/> }
}

#[component]
fn Person(user: UserPage) -> impl IntoView {
    let base = ["/o/", &user.slug].concat();
    let sentence = status_sentence(&user);
    let details = details(&user, &base);
    let actions = actions(&user, &base);
    let roles = roles(&user, &base);
    let deactivate = deactivate(&user, &base);
    let history = history(&user);
    let activity = activity(&user, &base);
    view! {
        <Page
            title=user.name.clone()
            caption=["User at ", &user.organisation].concat()
            breadcrumb=vec![Link::new("Users", [&base, "/users"].concat())]
        >
            <p class="app-user-status">
                <StatusTag status=user.status label=user.status_label.clone()/>
                " "
                <span>{sentence}</span>
            </p>
            {actions}
            <h2 class="nhsuk-heading-m">"Details"</h2>
            <SummaryList rows=details/>
            <h2 class="nhsuk-heading-m">"Access"</h2>
            {roles}
            {history}
            {activity}
            {deactivate}
        </Page>
    }
}

/// "Active. Last signed in today at 9:30am."
fn status_sentence(user: &UserPage) -> String {
    let newest = user.invitations.first();
    let invited = newest
        .map(|newest| date(newest.created_at))
        .unwrap_or_default();
    let ends = newest
        .map(|newest| date(newest.expires_at))
        .unwrap_or_default();
    match user.status {
        ShownStatus::Active => user.last_signed_in_at.map_or_else(
            || "Has not signed in yet.".to_owned(),
            |at| ["Last signed in ", &on(&moment(at, user.now)), "."].concat(),
        ),
        ShownStatus::Pending => [
            "Invited on ",
            &invited,
            ". The link works until ",
            &ends,
            ".",
        ]
        .concat(),
        ShownStatus::Expired => [
            "Invited on ",
            &invited,
            ". The link stopped working on ",
            &ends,
            ".",
        ]
        .concat(),
        ShownStatus::EmailFailed => [
            "Invited on ",
            &invited,
            ". The email could not be delivered.",
        ]
        .concat(),
        ShownStatus::Inactive => deactivated(user),
        ShownStatus::Cancelled => "The invitation was cancelled.".to_owned(),
    }
}

/// "Deactivated by Sam Okoro on 2 November 2026: left the organisation."
fn deactivated(user: &UserPage) -> String {
    let mut words = "Deactivated".to_owned();
    if !user.deactivated_by.is_empty() {
        words = [&words, " by ", &user.deactivated_by].concat();
    }
    if let Some(at) = user.deactivated_at {
        words = [&words, " on ", &date(at)].concat();
    }
    if user.deactivated_because.is_empty() {
        return [&words, ". Cannot sign in to this organisation."].concat();
    }
    let mut letters = user.deactivated_because.chars();
    let first: String = letters
        .next()
        .into_iter()
        .flat_map(char::to_lowercase)
        .collect();
    [&words, ": ", &first, letters.as_str(), "."].concat()
}

/// "today at 9:30am", "on 14 November 2026 at 9:30am"
fn on(moment: &str) -> String {
    if moment.starts_with("today") {
        moment.to_owned()
    } else {
        ["on ", moment].concat()
    }
}

/// The one thing that is likely to be wanted, and what belongs to it.
fn actions(user: &UserPage, base: &str) -> Option<AnyView> {
    let person = [base, "/users/", &user.id.to_string()].concat();
    if user.may.own {
        return Some(
            view! {
                <InsetText>
                    <p>
                        "This is you. Another administrator must change your access. "
                        <a href="/account">"Go to your account"</a>
                    </p>
                </InsetText>
            }
            .into_any(),
        );
    }
    let mut buttons: Vec<AnyView> = Vec::new();
    if user.may_invite {
        let href = [&person, "/invitation"].concat();
        let words = if user.status == ShownStatus::Expired {
            "Send a new invitation"
        } else {
            "Send invitation again"
        };
        let cancel = [&href, "?cancel=yes"].concat();
        let failed = user.status == ShownStatus::EmailFailed;
        if failed {
            let correct = [&person, "/email"].concat();
            buttons.push(
                view! { <ButtonLink href=correct>"Correct email address"</ButtonLink> }.into_any(),
            );
        }
        let variant = if failed { "secondary" } else { "" };
        buttons.push(view! { <ButtonLink href variant>{words}</ButtonLink> }.into_any());
        buttons.push(
            view! { <ButtonLink href=cancel variant="secondary">"Cancel invitation"</ButtonLink> }
                .into_any(),
        );
    }
    if user.may.reactivate {
        let href = [&person, "/reactivate"].concat();
        buttons.push(view! { <ButtonLink href>"Reactivate"</ButtonLink> }.into_any());
    }
    if user.may.add_role {
        let href = [&person, "/roles/add"].concat();
        buttons.push(
            view! { <ButtonLink href variant="secondary">"Add a role"</ButtonLink> }.into_any(),
        );
    }
    if buttons.is_empty() {
        return None;
    }
    Some(view! { <div class="nhsuk-button-group">{buttons}</div> }.into_any())
}

/// The rare thing, at the bottom and not red (E1).
fn deactivate(user: &UserPage, base: &str) -> Option<AnyView> {
    let href = [base, "/users/", &user.id.to_string(), "/deactivate"].concat();
    let words = ["Deactivate ", &user.name].concat();
    user.may
        .deactivate
        .then(|| view! { <p class="nhsuk-u-margin-top-6"><a href=href>{words}</a></p> }.into_any())
}

fn details(user: &UserPage, base: &str) -> Vec<SummaryRow> {
    let or_none = |value: &str| {
        if value.is_empty() {
            "Not provided".to_owned()
        } else {
            value.to_owned()
        }
    };
    let mobile = if user.mobile_ending.is_empty() {
        String::new()
    } else {
        ["Ending ", &user.mobile_ending].concat()
    };
    let factors = if user.second_factors.is_empty() {
        "Not set up".into()
    } else {
        lines(
            user.second_factors
                .iter()
                .map(|kind| words_of(*kind).to_owned()),
        )
    };
    let change = [base, "/users/", &user.id.to_string(), "/details"].concat();
    let changeable = |row: SummaryRow, about: &str| {
        if user.may.change_details {
            row.change(change.clone(), about)
        } else {
            row
        }
    };
    let mut rows = Vec::new();
    if user.may.change_details {
        rows.push(changeable(
            SummaryRow::new("Name", user.name.clone()),
            "name",
        ));
    }
    let email = SummaryRow::new("Email address", breakable(user.email.clone()));
    // Until they have registered, a wrong address can be corrected (E3).
    rows.push(if user.may_invite {
        let href = [base, "/users/", &user.id.to_string(), "/email"].concat();
        email.change(href, "email address")
    } else {
        email
    });
    rows.push(SummaryRow::new("Mobile phone number", or_none(&mobile)));
    if user.has_job_title || !user.job_title.is_empty() {
        rows.push(changeable(
            SummaryRow::new("Job title", or_none(&user.job_title)),
            "job title",
        ));
    }
    if let Some(clinician) = &user.clinician {
        let label = match clinician.label.as_str() {
            "" => "Registered clinician",
            label => label,
        };
        let words = match (clinician.registered, &*clinician.registration_number) {
            (Some(true), "") => "Yes".to_owned(),
            (Some(true), number) => ["Yes, ", number].concat(),
            (Some(false), _) => "No".to_owned(),
            (None, _) => "Not provided".to_owned(),
        };
        let row = SummaryRow::new(label.to_owned(), words);
        rows.push(changeable(row, "clinician status"));
    }
    let factors = SummaryRow::new("2-step sign in", factors);
    rows.push(if user.may.secure {
        let href = [base, "/users/", &user.id.to_string(), "/security"].concat();
        factors.action("Manage", href, "how they sign in")
    } else {
        factors
    });
    if let Some(notes) = &user.notes {
        let text = lines(or_none(notes).lines().map(ToOwned::to_owned));
        rows.push(changeable(SummaryRow::new("Notes", text), "notes"));
    }
    rows
}

fn roles(user: &UserPage, base: &str) -> AnyView {
    if user.roles.is_empty() {
        return view! { <p>"No role yet."</p> }.into_any();
    }
    let person = [base, "/users/", &user.id.to_string()].concat();
    let rows = user.roles.iter().map(|held| role(held, &person)).collect();
    view! {
        <SummaryList rows/>
        <h3 class="nhsuk-heading-s">"What they can do"</h3>
        <PermissionsList can=user.can.clone() cannot=user.cannot.clone()/>
    }
    .into_any()
}

fn role(role: &HeldRole, person: &str) -> SummaryRow {
    let given = if role.given_by.is_empty() {
        ["Given on ", &date(role.given_at)].concat()
    } else {
        ["Given by ", &role.given_by, " on ", &date(role.given_at)].concat()
    };
    let mut said = where_and_when(role);
    said.push(given);
    let row = SummaryRow::new(role.name.clone(), lines(said));
    if !role.changeable {
        return row;
    }
    let place = [person, "/roles/", &role.assignment.to_string()].concat();
    row.change([&place, "/change"].concat(), ["role ", &role.name].concat())
        .action(
            "Remove",
            [&place, "/remove"].concat(),
            ["role ", &role.name].concat(),
        )
}

fn history(user: &UserPage) -> Option<AnyView> {
    if user.invitations.is_empty() {
        return None;
    }
    let items = user
        .invitations
        .iter()
        .flat_map(|invitation| happenings(invitation, user.now))
        .collect();
    Some(
        view! {
            <h2 class="nhsuk-heading-m">"Invitations"</h2>
            <Timeline items days=false/>
        }
        .into_any(),
    )
}

/// What happened last, for those who may see it (E1).
fn activity(user: &UserPage, base: &str) -> Option<AnyView> {
    let newest = user.activity.clone()?;
    let content = if newest.is_empty() {
        view! { <p>"There is no activity yet."</p> }.into_any()
    } else {
        let items = newest.into_iter().map(short_item).collect();
        let href = [base, "/users/", &user.id.to_string(), "/activity"].concat();
        let words = ["See all activity", " of ", &user.name].concat();
        view! { <Timeline items days=false/> <p><a href=href>{words}</a></p> }.into_any()
    };
    Some(view! { <h2 class="nhsuk-heading-m">"Activity"</h2> {content} }.into_any())
}

/// What became of an invitation and that it was sent, newest first.
fn happenings(invitation: &UserInvitation, now: DateTime<Utc>) -> Vec<TimelineItem> {
    let mut items = Vec::new();
    let ended = match invitation.status {
        InvitationStatus::Open => None,
        InvitationStatus::Accepted => Some("Invitation accepted"),
        InvitationStatus::Cancelled => Some("Invitation cancelled"),
        InvitationStatus::Declined => Some("Invitation declined"),
        InvitationStatus::Replaced => Some("Replaced by a newer invitation"),
    };
    if let (Some(title), Some(at)) = (ended, invitation.closed_at) {
        items.push(TimelineItem {
            title: title.to_owned(),
            href: String::new(),
            by: String::new(),
            at,
            text: String::new(),
            action: None,
        });
    }
    let delivery = match invitation.delivery {
        Delivery::Queued => "The email is waiting to be sent. ",
        Delivery::Failed => "The email could not be delivered. ",
        Delivery::Sent | Delivery::Printed => "",
    };
    items.push(TimelineItem {
        title: "Invitation sent".to_owned(),
        href: String::new(),
        by: invitation.sent_by.clone(),
        at: invitation.created_at,
        text: [
            delivery,
            if invitation.status == InvitationStatus::Open && invitation.expires_at > now {
                "The link works until "
            } else {
                "The link worked until "
            },
            &date(invitation.expires_at),
            ".",
        ]
        .concat(),
        action: None,
    });
    items
}
