//! Details: what to change (J37, V23), then old beside new (J38, J40).

use domain::{
    membership::{DetailsForm, DetailsPage as View, DetailsRules},
    policy::FieldUse,
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{hidden, hidden_with_version, param, person, refused};
use crate::components::{
    Button, ButtonGroup, Column, DetailsFields, InsetText, Page, Table, Text, details_rule,
    form::{Form, FormContext, Post, use_form},
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
    let fixed = if page.rules.names == FieldUse::Hidden {
        "You cannot change their name and email address. They can change their name in their own account."
    } else {
        "You cannot change their email address."
    };
    let fixed = view! { <p>{fixed}</p> };
    let fields = hidden(subject);
    let rule = details_rule(&page.rules);
    view! {
        <Page title back>
            {shared}
            {fixed}
            <Form action validate=rule>
                {fields}
                <DetailsFields rules=page.rules details=page.details/>
                <ButtonGroup>
                    <Button>"Continue"</Button>
                    <a href=cancel>"Cancel changing details"</a>
                </ButtonGroup>
            </Form>
        </Page>
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
    let is_stale = form.is_stale();
    let title = if is_stale {
        ["Someone else has changed ", &subject.name, "’s details"].concat()
    } else {
        ["Check the changes to ", &subject.name, "’s details"].concat()
    };
    // What was typed is there again.
    let draft = use_query_map()
        .with_untracked(|query| query.get("draft"))
        .map(|draft| ["?draft=", &draft].concat())
        .unwrap_or_default();
    let change = [&person(subject), "/details", &draft].concat();
    let cancel = person(subject);
    let old = &page.details;
    let new = typed_over(form, old);
    let (mut unchanged, mut tells) = (true, false);
    let mut rows: Vec<Vec<Text>> = Vec::new();
    for (label, usage, old, new) in in_words(&page.rules, old, &new) {
        if usage == FieldUse::Hidden {
            continue;
        }
        unchanged &= old == new;
        tells |= old != new && label != NOTES;
        let shown = |text: &str| match text {
            "" => "Not provided".to_owned(),
            text => text.to_owned(),
        };
        let changed: Text = if old == new {
            "No change".into()
        } else {
            view! { <strong class="nhsuk-u-text-break-word">{shown(&new)}</strong> }
                .into_any()
                .into()
        };
        rows.push(vec![label.into(), shown(&old).into(), changed]);
    }
    let (now, mine, save, cancel_words) = if is_stale {
        (
            "Their change",
            "Your change",
            "Save my change",
            "Use their change",
        )
    } else {
        (
            "Now",
            "Changes to",
            "Save changes",
            "Cancel changing details",
        )
    };
    let columns = vec![Column::new("Detail"), Column::new(now), Column::new(mine)];
    let shared = shared(&page);
    let fields = hidden_with_version(subject);
    let next = if unchanged {
        "Nothing is different. Saving changes nothing and sends nothing."
    } else if tells {
        "We will email them what changed and that you changed it."
    } else {
        "Notes are for administrators. We will not email them."
    };
    view! {
        <Page title back=change.clone()>
            <Table caption="Details" columns rows/>
            {shared}
            <p>{next}</p>
            <Form action>
                {fields}
                <input type="hidden" name="first_name" value=new.first_name/>
                <input type="hidden" name="last_name" value=new.last_name/>
                <input type="hidden" name="job_title" value=new.job_title/>
                <input type="hidden" name="clinician" value=new.clinician/>
                <input type="hidden" name="registration_number" value=new.registration_number/>
                <input type="hidden" name="notes" value=new.notes/>
                <ButtonGroup>
                    <Button>{save}</Button>
                    <a href=cancel>{cancel_words}</a>
                </ButtonGroup>
            </Form>
            <p><a href=change>"Change what you entered"</a></p>
        </Page>
    }
}

/// The row that the person is not told of.
const NOTES: &str = "Notes";

/// Each detail before and after, as it is read.
fn in_words(
    rules: &DetailsRules,
    old: &DetailsForm,
    new: &DetailsForm,
) -> Vec<(&'static str, FieldUse, String, String)> {
    let clinician = |form: &DetailsForm| {
        match form.clinician.as_str() {
            "yes" => "Yes",
            "no" => "No",
            _ => "",
        }
        .to_owned()
    };
    // A number belongs to a Yes.
    let number = |form: &DetailsForm| match form.clinician.as_str() {
        "yes" => form.registration_number.clone(),
        _ => String::new(),
    };
    let text = |get: fn(&DetailsForm) -> &String| (get(old).clone(), get(new).clone());
    let (first, last) = (text(|form| &form.first_name), text(|form| &form.last_name));
    let (job, notes) = (text(|form| &form.job_title), text(|form| &form.notes));
    vec![
        ("First name", rules.names, first.0, first.1),
        ("Last name", rules.names, last.0, last.1),
        ("Job title", rules.job_title, job.0, job.1),
        (
            "Registered clinician",
            rules.clinician,
            clinician(old),
            clinician(new),
        ),
        (
            "Registration number",
            rules.registration_number,
            number(old),
            number(new),
        ),
        (NOTES, rules.notes, notes.0, notes.1),
    ]
}

/// What was typed on the page before; what is there now, when nothing is kept of it.
fn typed_over(form: FormContext, old: &DetailsForm) -> DetailsForm {
    let kept = form.is_kept();
    let typed = |name: &str, old: &str| {
        let missing = if kept { "" } else { old };
        form.value(name).unwrap_or_else(|| missing.to_owned())
    };
    DetailsForm {
        first_name: typed("first_name", &old.first_name),
        last_name: typed("last_name", &old.last_name),
        job_title: typed("job_title", &old.job_title),
        clinician: typed("clinician", &old.clinician),
        registration_number: typed("registration_number", &old.registration_number),
        notes: typed("notes", &old.notes),
    }
}
