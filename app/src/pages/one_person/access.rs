//! Which role (D3 step 3), where (step 4), and from when until when (step 5).

use domain::{
    Violations,
    one_person::{AddAreasView, AddDatesView, AddRoleView, AddStep},
};
use leptos::prelude::*;

use super::{CAPTION, journey, number};
use crate::components::{
    AreasQuestion, Button, ButtonGroup, Page, Period, RolePicker, areas_hint,
    form::{Fields, Form, Post},
    loaded::Loaded,
};
use crate::reading::reading;
use crate::server_fns::one_person::{
    AnswerAddAreas, AnswerAddDates, AnswerAddRole, ReadAddAreas, ReadAddDates, ReadAddRole,
};

/// `/o/{org}/users/add/{draft}/role`
#[component]
pub fn AddRolePage() -> impl IntoView {
    let (journey, number) = (journey(), number());
    let resource = reading(move || ReadAddRole {
        org: journey.org.clone(),
        draft: journey.draft.clone(),
        number: number.clone(),
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
fn RoleQuestion(page: AddRoleView) -> impl IntoView {
    let journey = journey();
    let action = Post::<AnswerAddRole>::new();
    let back = journey.page(page.back);
    let title = "What role will they have?";
    let skip = page.may_skip.then(|| {
        view! {
            <Button variant="secondary" name="action" value="skip">
                "Continue without a role"
            </Button>
        }
    });
    let users = journey.users();
    let (hidden, cancel) = (journey.hidden_with(page.number), journey.cancel());
    view! {
        <Page title heading=false back>
            <Form
                action
                validate=|post: &Fields| {
                    if post.text("role").is_empty() && post.text("action").is_empty() {
                        return Err(Violations::one("role", "role.empty"));
                    }
                    Ok(())
                }
            >
                {hidden}
                <RolePicker legend=title caption=CAPTION roles=page.roles checked=page.chosen users/>
                <ButtonGroup>
                    <Button>"Continue"</Button>
                    {skip}
                </ButtonGroup>
            </Form>
            {cancel}
        </Page>
    }
}

/// `/o/{org}/users/add/{draft}/areas`
#[component]
pub fn AddAreasPage() -> impl IntoView {
    let (journey, number) = (journey(), number());
    let resource = reading(move || ReadAddAreas {
        org: journey.org.clone(),
        draft: journey.draft.clone(),
        number: number.clone(),
    });
    view! {
        <Loaded
            resource
            view=|page| match page {
                Some(page) => areas(page),
                None => ().into_any(),
            }
        />
    }
}

fn areas(page: AddAreasView) -> AnyView {
    let journey = journey();
    let action = Post::<AnswerAddAreas>::new();
    let back = journey.page_about(AddStep::Role, page.number);
    let hint = areas_hint(&page.question.area_label);
    let caption = [CAPTION, ": ", &page.role].concat();
    let (hidden, cancel) = (journey.hidden_with(page.number), journey.cancel());
    view! { <AreasQuestion action caption hint question=page.question back hidden cancel/> }
        .into_any()
}

/// `/o/{org}/users/add/{draft}/dates`
#[component]
pub fn AddDatesPage() -> impl IntoView {
    let (journey, number) = (journey(), number());
    let resource = reading(move || ReadAddDates {
        org: journey.org.clone(),
        draft: journey.draft.clone(),
        number: number.clone(),
    });
    view! {
        <Loaded
            resource
            view=|page| match page {
                Some(page) => view! { <DatesQuestion page/> }.into_any(),
                None => ().into_any(),
            }
        />
    }
}

#[component]
fn DatesQuestion(page: AddDatesView) -> impl IntoView {
    let journey = journey();
    let action = Post::<AnswerAddDates>::new();
    let back = journey.page(AddStep::Check);
    let caption = [CAPTION, ": ", &page.role].concat();
    let (hidden, cancel) = (journey.hidden_with(page.number), journey.cancel());
    view! {
        <Page title="When will they have this role?" caption back>
            <Form action>
                {hidden}
                <Period dates=page.dates/>
                <Button>"Continue"</Button>
            </Form>
            {cancel}
        </Page>
    }
}
