//! How somebody signs in, and what an administrator can do about it (E8, R46, R58).

use domain::{membership::MemberSecurity, set_up_codes::ResetCodesForm};
use leptos::prelude::*;

use super::{hidden, param, person, refused};
use crate::components::{
    Button, ButtonGroup, ButtonLink, CharacterCount, InsetText, Page, SummaryList, SummaryRow,
    form::{Fields, Form, Post, ask_again_after},
    lines,
    loaded::Loaded,
};
use crate::messages::plural;
use crate::pages::account::words_of;
use crate::reading::reading;
use crate::server_fns::member_security::{
    ClearWait, EndSessionsOf, ReadResetCodes, ReadSecurity, ResetCodes, SendReset,
};

/// `/o/{org}/users/{user}/security`
#[component]
pub fn MemberSecurityPage() -> impl IntoView {
    let (org, user) = (param("org"), param("user"));
    let out = Post::<EndSessionsOf>::new();
    provide_context(out);
    let resource = reading(move || ReadSecurity {
        org: org.clone(),
        user: user.clone(),
    });
    ask_again_after(out, resource);
    view! {
        <Loaded
            resource
            view=|page: MemberSecurity| {
                if page.subject.obstacle.is_empty() {
                    view! { <Security page/> }.into_any()
                } else {
                    refused(&page.subject)
                }
            }
        />
    }
}

#[component]
fn Security(page: MemberSecurity) -> impl IntoView {
    let subject = &page.subject;
    let name = subject.name.clone();
    let title = ["How ", &name, " signs in"].concat();
    let back = person(subject);
    let factors = if page.second_factors.is_empty() {
        "Not set up".into()
    } else {
        let kinds = page.second_factors.iter();
        lines(kinds.map(|kind| words_of(*kind).to_owned()))
    };
    let devices = match page.sessions {
        0 => "Not signed in".to_owned(),
        count => plural(count.into(), "device", "devices"),
    };
    let rows = vec![
        SummaryRow::new("2-step sign in", factors),
        SummaryRow::new(
            "Recovery codes",
            plural(page.recovery_codes_left.into(), "code left", "codes left"),
        ),
        SummaryRow::new("Signed in on", devices),
    ];
    let reset = Post::<SendReset>::new();
    let for_reset = hidden(subject);
    let everywhere = if page.manages_elsewhere {
        view! {
            <InsetText>
                <p>"They manage people in another organisation. So only they can sign out everywhere, in their own account, and nobody here can reset their codes. After wrong passwords they wait, or use a link for a new one."</p>
            </InsetText>
        }
        .into_any()
    } else {
        everywhere(&page)
    };
    view! {
        <Page title back>
            <SummaryList rows/>
            <h2 class="nhsuk-heading-m">"Send a link for a new password"</h2>
            <p>"They choose the password themselves. Nothing changes until they use the link."</p>
            <Form action=reset>
                {for_reset}
                <Button variant="secondary">"Send a password reset"</Button>
            </Form>
            {everywhere}
        </Page>
    }
}

/// What reaches into every organisation of the person.
fn everywhere(page: &MemberSecurity) -> AnyView {
    let subject = &page.subject;
    let wait = Post::<ClearWait>::new();
    let reset = (!page.second_factors.is_empty()).then(|| {
        let href = [&person(subject), "/security/reset-codes"].concat();
        view! {
            <h2 class="nhsuk-heading-m">"Reset codes"</h2>
            <p>"For somebody who cannot get codes any more, for example because they lost their phone. They set up 2-step sign in again when they next sign in."</p>
            <ButtonLink href variant="secondary">"Reset codes"</ButtonLink>
        }
    });
    let out = expect_context::<Post<EndSessionsOf>>();
    let (for_wait, for_out) = (hidden(subject), hidden(subject));
    view! {
        {reset}
        <h2 class="nhsuk-heading-m">"Clear the wait after wrong passwords"</h2>
        <p>"After several wrong passwords or codes they have to wait before they can try again."</p>
        <Form action=wait>
            {for_wait}
            <Button variant="secondary">"Clear the wait"</Button>
        </Form>
        <h2 class="nhsuk-heading-m">"Sign out everywhere"</h2>
        <p>"They are signed out on every device, also where they work with another organisation. We will email them."</p>
        <Form action=out>
            {for_out}
            <Button variant="secondary">"Sign out everywhere"</Button>
        </Form>
    }
    .into_any()
}

/// `/o/{org}/users/{user}/security/reset-codes`
#[component]
pub fn ResetCodesPage() -> impl IntoView {
    let (org, user) = (param("org"), param("user"));
    let resource = reading(move || ReadResetCodes {
        org: org.clone(),
        user: user.clone(),
    });
    view! {
        <Loaded
            resource
            view=|page: MemberSecurity| {
                let subject = &page.subject;
                if subject.obstacle.is_empty() {
                    view! { <ResetQuestion page/> }.into_any()
                } else {
                    refused(subject)
                }
            }
        />
    }
}

#[component]
fn ResetQuestion(page: MemberSecurity) -> impl IntoView {
    let action = Post::<ResetCodes>::new();
    let subject = &page.subject;
    let title = ["Reset the codes of ", &subject.name].concat();
    let back = [&person(subject), "/security"].concat();
    let (cancel, fields) = (back.clone(), hidden(subject));
    view! {
        <Page title back>
            <p>"Do this only when you are sure that it is they who asked, for example because you know their voice."</p>
            <ul class="nhsuk-list nhsuk-list--bullet">
                <li>"Their codes and recovery codes stop working."</li>
                <li>"They are signed out on every device, also where they work with another organisation."</li>
                <li>"Links for a new password that were sent before stop working."</li>
                <li>"We tell them by email, and by text message if they have given a mobile phone number."</li>
            </ul>
            <p>"When they next sign in, they enter a code that we email them, and set up 2-step sign in again."</p>
            <Form
                action
                validate=|post: &Fields| {
                    ResetCodesForm { reason: post.text("reason") }.validate().map(drop)
                }
            >
                {fields}
                <CharacterCount
                    name="reason"
                    label="Why do their codes need to be reset?"
                    label_size="m"
                    hint="For example, they lost their phone. Administrators can see this."
                    limit=500
                    rows=3
                />
                <ButtonGroup>
                    <Button>"Reset codes"</Button>
                    <a href=cancel>"Cancel"</a>
                </ButtonGroup>
            </Form>
        </Page>
    }
}
