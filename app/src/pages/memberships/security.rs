//! How somebody signs in, and what an administrator can do about it (E8, R58).

use domain::membership::MemberSecurity;
use leptos::prelude::*;

use super::{hidden, param, person, refused};
use crate::components::{
    Button, InsetText, Page, SummaryList, SummaryRow,
    form::{Form, Post, ask_again_after},
    lines,
    loaded::Loaded,
};
use crate::messages::plural;
use crate::pages::account::words_of;
use crate::reading::reading;
use crate::server_fns::member_security::{ClearWait, EndSessionsOf, ReadSecurity, SendReset};

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
                <p>"They manage people in another organisation. So only they can sign out everywhere, in their own account. After wrong passwords they wait, or use a link for a new one."</p>
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
    let out = expect_context::<Post<EndSessionsOf>>();
    let (for_wait, for_out) = (hidden(subject), hidden(subject));
    view! {
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
