//! Name and job title: what to change (J37), then old beside new (J38, J40).

use domain::{
    membership::{DetailsForm, DetailsPage as View},
    policy::FieldUse,
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{hidden, hidden_with_version, param, person, refused};
use crate::components::{
    Button, ButtonGroup, Column, InsetText, Page, Table, Text, TextInput,
    form::{Fields, Form, FormContext, Post, Rule, use_form},
    loaded::Loaded,
};
use crate::messages::plural;
use crate::reading::reading;
use crate::server_fns::memberships::{ChangeDetails, CheckDetails, ReadDetails};

/// `/o/{org}/users/{user}/details`
#[component]
pub fn ChangeDetailsPage() -> impl IntoView {
    let resource = details();
    view! {
        <Loaded
            resource
            view=|page: View| {
                if page.subject.obstacle.is_empty() {
                    view! { <Change page/> }.into_any()
                } else {
                    refused(&page.subject)
                }
            }
        />
    }
}

/// `/o/{org}/users/{user}/details/check`
#[component]
pub fn CheckDetailsPage() -> impl IntoView {
    let resource = details();
    view! {
        <Loaded
            resource
            view=|page: View| {
                if page.subject.obstacle.is_empty() {
                    view! { <Check page/> }.into_any()
                } else {
                    refused(&page.subject)
                }
            }
        />
    }
}

fn details() -> crate::reading::Reading<View> {
    let (org, user) = (param("org"), param("user"));
    reading(move || ReadDetails {
        org: org.clone(),
        user: user.clone(),
    })
}

#[component]
fn Change(page: View) -> impl IntoView {
    let action = Post::<CheckDetails>::new();
    let subject = &page.subject;
    let title = ["Change ", &subject.name, "’s details"].concat();
    let back = person(subject);
    let cancel = back.clone();
    let shared = shared(&page);
    let fields = hidden(subject);
    let job_title = (page.job_title_use != FieldUse::Hidden).then(|| {
        let label = if page.job_title_use == FieldUse::Optional {
            "Job title (optional)"
        } else {
            "Job title"
        };
        view! { <TextInput name="job_title" label value=page.job_title.clone() class="nhsuk-u-width-two-thirds"/> }
    });
    let rule: Rule = if page.job_title_use == FieldUse::Required {
        |post: &Fields| form_of(post).validate(FieldUse::Required).map(drop)
    } else {
        |post: &Fields| form_of(post).validate(FieldUse::Optional).map(drop)
    };
    view! {
        <Page title back>
            {shared}
            <p>"You cannot change their email address. They can change it in their own account."</p>
            <Form action validate=rule>
                {fields}
                <TextInput
                    name="first_name"
                    label="First name"
                    value=page.first_name.clone()
                    no_spellcheck=true
                    class="nhsuk-u-width-two-thirds"
                />
                <TextInput
                    name="last_name"
                    label="Last name"
                    value=page.last_name.clone()
                    no_spellcheck=true
                    class="nhsuk-u-width-two-thirds"
                />
                {job_title}
                <ButtonGroup>
                    <Button>"Continue"</Button>
                    <a href=cancel>"Cancel changing details"</a>
                </ButtonGroup>
            </Form>
        </Page>
    }
}

fn form_of(post: &Fields) -> DetailsForm {
    DetailsForm {
        first_name: post.text("first_name"),
        last_name: post.text("last_name"),
        job_title: post.text("job_title"),
    }
}

/// Who else sees the change (J38).
fn shared(page: &View) -> Option<AnyView> {
    if page.other_organisations == 0 {
        return None;
    }
    let count = plural(
        page.other_organisations.into(),
        "other organisation",
        "other organisations",
    );
    let what = if page.job_title_shared {
        "their details"
    } else {
        "their name"
    };
    let words = [
        "This will also change ",
        what,
        " in other organisations that they belong to: they belong to ",
        &count,
        ".",
    ]
    .concat();
    Some(view! { <InsetText><p>{words}</p></InsetText> }.into_any())
}

#[component]
fn Check(page: View) -> impl IntoView {
    let action = Post::<ChangeDetails>::new();
    let form = use_form();
    let subject = &page.subject;
    let title = ["Check the changes to ", &subject.name, "’s details"].concat();
    // What was typed is there again.
    let draft = use_query_map()
        .with_untracked(|query| query.get("draft"))
        .map(|draft| ["?draft=", &draft].concat())
        .unwrap_or_default();
    let change = [&person(subject), "/details", &draft].concat();
    let cancel = person(subject);
    let typed = |name: &str, old: &str| value_of(form, name, old);
    let (first, last) = (
        typed("first_name", &page.first_name),
        typed("last_name", &page.last_name),
    );
    let job = typed("job_title", &page.job_title);
    let mut rows: Vec<Vec<Text>> = Vec::new();
    let mut unchanged = true;
    for (label, old, new) in [
        ("First name", &page.first_name, &first),
        ("Last name", &page.last_name, &last),
        ("Job title", &page.job_title, &job),
    ] {
        if label == "Job title" && page.job_title_use == FieldUse::Hidden {
            continue;
        }
        unchanged &= old == new;
        let shown = |text: &str| match text {
            "" => "Not provided".to_owned(),
            text => text.to_owned(),
        };
        let new: Text = if old == new {
            "No change".into()
        } else {
            view! { <strong>{shown(new)}</strong> }.into_any().into()
        };
        rows.push(vec![label.into(), shown(old).into(), new]);
    }
    let columns = vec![
        Column::new("Detail"),
        Column::new("Now"),
        Column::new("Changes to"),
    ];
    let shared = shared(&page);
    let fields = hidden_with_version(subject);
    let next = if unchanged {
        "Nothing is different. Saving changes nothing and sends nothing."
    } else {
        "We will email them what changed and that you changed it."
    };
    view! {
        <Page title back=change.clone()>
            <Table caption="Details" columns rows/>
            {shared}
            <p>{next}</p>
            <Form action>
                {fields}
                <input type="hidden" name="first_name" value=first/>
                <input type="hidden" name="last_name" value=last/>
                <input type="hidden" name="job_title" value=job/>
                <ButtonGroup>
                    <Button>"Save changes"</Button>
                    <a href=cancel>"Cancel changing details"</a>
                </ButtonGroup>
            </Form>
            <p><a href=change>"Change what you entered"</a></p>
        </Page>
    }
}

/// What was typed on the page before; what is there now, when nothing is kept of it.
fn value_of(form: FormContext, name: &str, old: &str) -> String {
    form.value(name).unwrap_or_else(|| old.to_owned())
}
