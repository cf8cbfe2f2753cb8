//! How to add users (D2).

use domain::invitation::{AddUsersView, HowForm, HowToAdd};
use leptos::prelude::*;

use super::param;
use crate::components::{
    Button, Choice, Page, Radios,
    form::{Fields, Form, Post},
    loaded::Loaded,
};
use crate::reading::reading;
use crate::server_fns::invitations::{ReadAddUsers, StartInvite};

/// The question before the journey.
#[component]
pub fn AddUsersPage() -> impl IntoView {
    let org = param("org");
    let resource = reading(move || ReadAddUsers { org: org.clone() });
    view! { <Loaded resource view=|ways| view! { <HowQuestion ways/> }.into_any()/> }
}

#[component]
fn HowQuestion(ways: AddUsersView) -> impl IntoView {
    let org = param("org");
    let action = Post::<StartInvite>::new();
    let back = ["/o/", &org, "/users"].concat();
    let one = Choice::new(HowToAdd::One.as_str(), "One person").hint("Choose their role and areas");
    let several = Choice::new(HowToAdd::Several.as_str(), "Several people at once")
        .hint("Paste a list of email addresses. Everyone gets the same role");
    let choices = if ways.several {
        vec![one, several]
    } else {
        vec![one]
    };
    view! {
        <Page title="How do you want to add users?" heading=false back>
            <Form action validate=|post: &Fields| HowForm { how: post.text("how") }.validate().map(drop)>
                <input type="hidden" name="org" value=org/>
                <Radios
                    name="how"
                    legend="How do you want to add users?"
                    legend_size="l"
                    legend_is_heading=true
                    choices
                />
                <Button>"Continue"</Button>
            </Form>
        </Page>
    }
}
