//! Which role everybody gets (D4 step 3), with what it can and cannot do always in view.

use domain::invitation::{InviteRole, InviteStep};
use leptos::prelude::*;

use super::{CAPTION, journey};
use crate::components::{
    Button, Page, RolePicker,
    form::{Fields, Form, Post},
    loaded::Loaded,
};
use crate::reading::reading;
use crate::server_fns::invitations::{AnswerRole, ReadInviteRole};

/// The question about the role.
#[component]
pub fn InviteRolePage() -> impl IntoView {
    let journey = journey();
    let resource = reading(move || ReadInviteRole {
        org: journey.org.clone(),
        draft: journey.draft.clone(),
    });
    view! {
        <Loaded
            resource
            view=|page| match page {
                Some(page) => view! { <RoleQuestion page/> }.into_any(),
                None => ().into_any(),
            }
        />
    }
}

#[component]
fn RoleQuestion(page: InviteRole) -> impl IntoView {
    let journey = journey();
    let action = Post::<AnswerRole>::new();
    let back = journey.page(match page.back {
        InviteStep::Problems => InviteStep::Problems,
        _ => InviteStep::Emails,
    });
    let hint = if page.people == 1 {
        ""
    } else {
        "The same role will be given to everyone in this list."
    };
    let (title, users) = ("What role will they have?", journey.users());
    let (hidden, cancel) = (journey.hidden(), journey.cancel());
    view! {
        <Page title heading=false back>
            <Form
                action
                validate=|post: &Fields| {
                    if post.text("role").is_empty() {
                        return Err(domain::Violations::one("role", "role.empty"));
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
}
