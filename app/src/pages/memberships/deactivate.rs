//! The question before somebody is deactivated (J42 to J45).

use domain::{
    Violations,
    membership::{DeactivateForm, DeactivatePage as View, DeactivationReason},
};
use leptos::prelude::*;

use super::{hidden, param, person, refused, role_rows};
use crate::components::{
    Button, ButtonGroup, Choice, Page, Radios, TextInput, WarningCallout,
    form::{Fields, Form, Post},
    loaded::Loaded,
};
use crate::messages::plural;
use crate::reading::reading;
use crate::server_fns::memberships::{Deactivate, ReadDeactivation};

/// `/o/{org}/users/{user}/deactivate`
#[component]
pub fn DeactivatePage() -> impl IntoView {
    let (org, user) = (param("org"), param("user"));
    let resource = reading(move || ReadDeactivation {
        org: org.clone(),
        user: user.clone(),
    });
    view! {
        <Loaded
            resource
            view=|page| {
                if page.subject.obstacle.is_empty() {
                    view! { <Question page/> }.into_any()
                } else {
                    refused(&page.subject)
                }
            }
        />
    }
}

#[component]
fn Question(page: View) -> impl IntoView {
    let action = Post::<Deactivate>::new();
    let subject = &page.subject;
    let (name, organisation) = (&subject.name, &subject.organisation);
    let title = ["Are you sure you want to deactivate ", name, "’s account?"].concat();
    let now = [
        name,
        " will lose access to ",
        organisation,
        " now, also where they are signed in. Their account at other organisations is not affected. We will email them.",
    ]
    .concat();
    let back = person(subject);
    let cancel = back.clone();
    let reasons = DeactivationReason::ALL
        .iter()
        .map(|reason| {
            let choice = Choice::new(reason.as_str(), reason.words());
            if *reason == DeactivationReason::Other {
                let field = view! { <TextInput name="reason_other" label="Reason"/> };
                choice.reveals(field.into_any())
            } else {
                choice
            }
        })
        .collect();
    let reasons = view! {
        <Radios name="reason" legend="Why are you deactivating this account?" modifier="small" choices=reasons/>
    };
    let choices = vec![
        Choice::new("yes", "Yes").reveals(reasons.into_any()),
        Choice::new("no", "No"),
    ];
    let (leaves, fields) = (leaves(&page), hidden(subject));
    let roles = role_rows(&page.roles, &[]);
    view! {
        <Page title back>
            <p>"You can reactivate them at any time."</p>
            <p>{now}</p>
            <h2 class="nhsuk-heading-m">"What they have now"</h2>
            {roles}
            {leaves}
            <Form action validate=rule>
                {fields}
                <Radios name="confirm" legend="Do you want to deactivate this account?" legend_size="m" choices/>
                <ButtonGroup>
                    <Button>"Save and continue"</Button>
                    <a href=cancel>"Cancel"</a>
                </ButtonGroup>
            </Form>
        </Page>
    }
}

fn rule(post: &Fields) -> Result<(), Violations> {
    DeactivateForm {
        confirm: post.text("confirm"),
        reason: post.text("reason"),
        reason_other: post.text("reason_other"),
    }
    .validate()
    .map(drop)
}

/// What somebody else must take over (J45).
pub(super) fn leaves(page: &View) -> Option<AnyView> {
    if page.only_holder_of.is_empty() && page.waiting_invitations == 0 {
        return None;
    }
    let alone = page.only_holder_of.iter().map(|role| {
        let words = ["Nobody else has the role ", role, "."].concat();
        view! { <li>{words}</li> }.into_any()
    });
    let waiting = (page.waiting_invitations > 0).then(|| {
        let count = plural(page.waiting_invitations.into(), "invitation", "invitations");
        let words = [
            &count,
            " that they sent cannot be accepted until another administrator sends it again.",
        ]
        .concat();
        view! { <li>{words}</li> }.into_any()
    });
    let items: Vec<AnyView> = alone.chain(waiting).collect();
    let ways = page.reassign.iter().map(|way| {
        view! { <p class="nhsuk-card__description"><a href=way.href.clone()>{way.words.clone()}</a></p> }.into_any()
    });
    let ways: Vec<AnyView> = ways.collect();
    Some(
        view! {
            <WarningCallout heading="You will need to assign other people">
                <ul class="nhsuk-list nhsuk-list--bullet">{items}</ul>
                {ways}
            </WarningCallout>
        }
        .into_any(),
    )
}
