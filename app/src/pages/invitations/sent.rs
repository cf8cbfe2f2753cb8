//! Sending an invitation again, and cancelling it (E7).

use domain::{ShownStatus, invitation::SentInvitation, wording};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::param;
use crate::components::{
    Button, Details, EmailPreview, InsetText, Page, StatusTag, SummaryList, SummaryRow, area_lines,
    form::{Form, Post},
    layout::use_frame,
    loaded::Loaded,
};
use crate::messages::conflict;
use crate::reading::reading;
use crate::server_fns::invitations::{CancelInvitation, ReadSentInvitation, ResendInvitation};

/// The invitation of a person; with `?cancel=yes` the question before it is cancelled.
#[component]
pub fn SentInvitationPage() -> impl IntoView {
    let (org, user) = (param("org"), param("user"));
    let resource = reading(move || ReadSentInvitation {
        org: org.clone(),
        user: user.clone(),
    });
    view! { <Loaded resource view=|sent| view! { <Sent sent/> }.into_any()/> }
}

/// What the address asks for: the way to the question and back changes nothing else in it.
#[component]
fn Sent(sent: SentInvitation) -> impl IntoView {
    let query = use_query_map();
    let asks = Memo::new(move |_| query.with(|query| query.get("cancel").is_some()));
    move || {
        let sent = sent.clone();
        if asks.get() {
            view! { <Cancel sent/> }.into_any()
        } else {
            view! { <SendAgain sent/> }.into_any()
        }
    }
}

#[component]
fn SendAgain(sent: SentInvitation) -> impl IntoView {
    let org = param("org");
    let action = Post::<ResendInvitation>::new();
    let user = sent.user.to_string();
    let person = ["/o/", &org, "/users/", &user].concat();
    let cancel = [&person, "/invitation?cancel=yes"].concat();
    let (title, words) = if sent.status == ShownStatus::Expired {
        ("Send a new invitation", "Send a new invitation")
    } else {
        ("Send invitation again", "Send invitation again")
    };
    let from = use_frame().with_untracked(|frame| frame.service_name.clone());
    let until = wording::date_and_time(sent.new_expires_at);
    let next = [
        "The new link works until ",
        &until,
        ". The old link stops at once.",
    ]
    .concat();
    let form = if sent.obstacle.is_empty() {
        view! {
            <p>{next}</p>
            <Form action>
                <input type="hidden" name="org" value=org.clone()/>
                <input type="hidden" name="user" value=user/>
                <Button>{words}</Button>
            </Form>
        }
        .into_any()
    } else {
        let advice = conflict(&sent.obstacle);
        let correct = (sent.obstacle == "conflict.domain_not_allowed").then(|| {
            let href = [&person, "/email"].concat();
            view! { <p><a href=href>"Correct this email address"</a></p> }
        });
        view! {
            <InsetText>
                <p>{advice.heading}". "{advice.text}</p>
            </InsetText>
            {correct}
        }
        .into_any()
    };
    view! {
        <Page title caption=sent.name.clone() back=person>
            <SummaryList rows=rows(&sent)/>
            <Details summary="Preview the email">
                <EmailPreview
                    from
                    to=sent.email.clone()
                    letter=sent.letter.clone()
                />
            </Details>
            {form}
            <p><a href=cancel>"Cancel invitation"</a></p>
        </Page>
    }
}

fn rows(sent: &SentInvitation) -> Vec<SummaryRow> {
    let organisation = use_frame().with_untracked(|frame| {
        frame
            .organisation
            .as_ref()
            .map(|organisation| organisation.name.clone())
            .unwrap_or_default()
    });
    let status = view! { <StatusTag status=sent.status/> }.into_any();
    let role = if sent.role.is_empty() {
        "No role yet".to_owned()
    } else {
        sent.role.clone()
    };
    let mut rows = vec![
        SummaryRow::new("Email address", sent.email.clone()),
        SummaryRow::new("Status", status),
        SummaryRow::new("Role", role),
        SummaryRow::new("Where", area_lines(&sent.areas, &organisation)),
    ];
    if let Some(at) = sent.invited_at {
        let by = if sent.invited_by.is_empty() {
            String::new()
        } else {
            [" by ", &sent.invited_by].concat()
        };
        rows.push(SummaryRow::new("Invited", wording::date_and_time(at) + &by));
    }
    if let Some(end) = sent.expires_at {
        let key = if sent.status == ShownStatus::Expired {
            "Link worked until"
        } else {
            "Link works until"
        };
        rows.push(SummaryRow::new(key, wording::date_and_time(end)));
    }
    rows
}

#[component]
fn Cancel(sent: SentInvitation) -> impl IntoView {
    let org = param("org");
    let action = Post::<CancelInvitation>::new();
    let user = sent.user.to_string();
    let person = ["/o/", &org, "/users/", &user].concat();
    let keep = person.clone();
    let title = [
        "Are you sure you want to cancel the invitation to ",
        &sent.name,
        "?",
    ]
    .concat();
    view! {
        <Page title back=person>
            <SummaryList rows=rows(&sent)/>
            <p>"The link in their email stops at once. You can invite them again at any time."</p>
            <Form action>
                <input type="hidden" name="org" value=org/>
                <input type="hidden" name="user" value=user/>
                <Button variant="warning">"Cancel invitation"</Button>
            </Form>
            <p><a href=keep>"Keep the invitation"</a></p>
        </Page>
    }
}
