//! How somebody signs in, and what an administrator can do about it (E8, R46, R58).

use domain::{
    membership::{MemberSecurity, Subject},
    set_up_codes::ResetCodesForm,
};
use leptos::{
    prelude::*,
    server_fn::{
        Http, ServerFn,
        codec::{Json, PostUrl},
    },
};

use super::{hidden, param, person, refused};
use crate::components::{
    Button, ButtonGroup, ButtonLink, CharacterCount, InsetText, Page, SummaryList, SummaryRow,
    form::{Fields, Form, Post},
    lines,
    loaded::Loaded,
};
use crate::error::AppError;
use crate::messages::plural;
use crate::pages::account::words_of;
use crate::pages::errors::{ErrorPage, NotFoundPage};
use crate::reading::reading;
use crate::server_fns::member_security::{
    ClearWait, EndSessionsOf, ReadResetCodes, ReadSecurity, ResetCodes, SendReset,
};

/// `/o/{org}/users/{user}/security`
#[component]
pub fn MemberSecurityPage() -> impl IntoView {
    let (org, user) = (param("org"), param("user"));
    let resource = reading(move || ReadSecurity {
        org: org.clone(),
        user: user.clone(),
    });
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
    let reset = action_link(subject, SEND_RESET, "Send a password reset");
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
            {reset}
            {everywhere}
        </Page>
    }
}

/// What reaches into every organisation of the person.
fn everywhere(page: &MemberSecurity) -> AnyView {
    let subject = &page.subject;
    let reset = (!page.second_factors.is_empty()).then(|| {
        let link = action_link(subject, "reset-codes", "Reset codes");
        view! {
            <h2 class="nhsuk-heading-m">"Reset codes"</h2>
            <p>"For somebody who cannot get codes any more, for example because they lost their phone. They set up 2-step sign in again when they next sign in."</p>
            {link}
        }
    });
    let wait = action_link(subject, CLEAR_WAIT, "Clear the wait");
    let out = action_link(subject, SIGN_OUT, "Sign out everywhere");
    view! {
        {reset}
        <h2 class="nhsuk-heading-m">"Clear the wait after wrong passwords"</h2>
        <p>"After several wrong passwords or codes they have to wait before they can try again."</p>
        {wait}
        <h2 class="nhsuk-heading-m">"Sign out everywhere"</h2>
        <p>"They are signed out on every device, also where they work with another organisation. We will email them."</p>
        {out}
    }
    .into_any()
}

/// The ends of the addresses of what is done.
const SEND_RESET: &str = "send-password-reset";
const CLEAR_WAIT: &str = "clear-wait";
const SIGN_OUT: &str = "sign-out-everywhere";

fn action_link(subject: &Subject, action: &str, words: &'static str) -> AnyView {
    let href = [&person(subject), "/security/", action].concat();
    view! { <ButtonLink href variant="secondary">{words}</ButtonLink> }.into_any()
}

/// `/o/{org}/users/{user}/security/{action}`: one address for all that can be done.
#[component]
pub fn SecurityActionPage() -> impl IntoView {
    match param("action").as_str() {
        "reset-codes" => view! { <ResetCodesPage/> }.into_any(),
        SEND_RESET | CLEAR_WAIT | SIGN_OUT => view! { <ConfirmPage/> }.into_any(),
        _ => view! { <NotFoundPage/> }.into_any(),
    }
}

/// What is done to how somebody signs in, once more before it is done.
#[component]
fn ConfirmPage() -> impl IntoView {
    let (org, user) = (param("org"), param("user"));
    let resource = reading(move || ReadSecurity {
        org: org.clone(),
        user: user.clone(),
    });
    view! {
        <Loaded
            resource
            view=|page: MemberSecurity| {
                let subject = &page.subject;
                if !subject.obstacle.is_empty() {
                    return refused(subject);
                }
                match param("action").as_str() {
                    SEND_RESET => confirm::<SendReset>(
                        subject,
                        ["Send ", &subject.name, " a password reset"],
                        "They choose the password themselves. Nothing changes until they use the link.",
                        "Send a password reset",
                    ),
                    _ if page.manages_elsewhere => view! { <ErrorPage error=AppError::NotAllowed/> }.into_any(),
                    CLEAR_WAIT => confirm::<ClearWait>(
                        subject,
                        ["Clear the wait of ", &subject.name, ""],
                        "After several wrong passwords or codes they have to wait. They can try again at once.",
                        "Clear the wait",
                    ),
                    _ => confirm::<EndSessionsOf>(
                        subject,
                        ["Sign ", &subject.name, " out everywhere"],
                        "They are signed out on every device, also where they work with another organisation. We will email them.",
                        "Sign out everywhere",
                    ),
                }
            }
        />
    }
}

fn confirm<S>(
    subject: &Subject,
    title: [&str; 3],
    effect: &'static str,
    button: &'static str,
) -> AnyView
where
    S: ServerFn<Protocol = Http<PostUrl, Json>, Output = (), Error = AppError> + 'static,
{
    let action = Post::<S>::new();
    let back = [&person(subject), "/security"].concat();
    let (cancel, fields) = (back.clone(), hidden(subject));
    view! {
        <Page title=title.concat() back>
            <p>{effect}</p>
            <Form action>
                {fields}
                <ButtonGroup>
                    <Button>{button}</Button>
                    <a href=cancel>"Cancel"</a>
                </ButtonGroup>
            </Form>
        </Page>
    }
    .into_any()
}

#[component]
fn ResetCodesPage() -> impl IntoView {
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
