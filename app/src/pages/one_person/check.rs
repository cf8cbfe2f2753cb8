//! Everything once more before it is sent (D3 step 6, J29 to J31, V12).

use domain::{
    one_person::{AddCheck, AddStep, CheckedRole},
    policy::FieldUse,
    unicode::capitalised,
    wording,
};
use leptos::prelude::*;

use super::{CAPTION, Journey, journey};
use crate::components::{
    Button, ButtonGroup, ButtonLink, Card, Details, EmailPreview, InsetText, Page, RolePermissions,
    SummaryList, SummaryRow, area_lines, breakable,
    form::{Form, Post},
    layout::use_frame,
    lines,
    loaded::Loaded,
};
use crate::reading::reading;
use crate::server_fns::one_person::{AddPerson, DropAddRole, ReadAddCheck};

/// `/o/{org}/users/add/{draft}/check`
#[component]
pub fn AddCheckPage() -> impl IntoView {
    let journey = journey();
    let resource = reading(move || ReadAddCheck {
        org: journey.org.clone(),
        draft: journey.draft.clone(),
    });
    view! {
        <Loaded
            resource
            view=|page| match page {
                Some(page) => view! { <Check page/> }.into_any(),
                None => ().into_any(),
            }
        />
    }
}

#[component]
fn Check(page: AddCheck) -> impl IntoView {
    let journey = journey();
    let action = Post::<AddPerson>::new();
    let back = journey.page(AddStep::Role);
    let person = person(&page, &journey);
    let access = access(&page, &journey);
    let preview = preview(&page);
    let end = wording::date_and_time(page.expires_at);
    let next = if page.has_account {
        [
            "We will send them an email with a link that works until ",
            &end,
            ". They will be asked to accept when they next sign in.",
        ]
        .concat()
    } else {
        [
            "We will send them an email with a link that works until ",
            &end,
            ".",
        ]
        .concat()
    };
    let cancel = journey.cancel();
    view! {
        <Page title="Check and send invitation" caption=CAPTION back>
            <div id="email">
                <Card heading="Person" heading_size="m">{person}</Card>
            </div>
            <div id="role">{access}</div>
            {preview}
            <InsetText>
                <p>"You cannot change the email address once they have registered."</p>
            </InsetText>
            <p>{next}</p>
            <Form action>
                <input type="hidden" name="org" value=journey.org.clone()/>
                <input type="hidden" name="once" value=journey.draft.clone()/>
                <input type="hidden" name="version" value=page.version.to_string()/>
                <Button>"Send invitation"</Button>
            </Form>
            {cancel}
        </Page>
    }
}

fn or_none(text: &str) -> String {
    match text {
        "" => "Not provided".to_owned(),
        text => text.to_owned(),
    }
}

fn person(page: &AddCheck, journey: &Journey) -> AnyView {
    let mut rows = vec![
        SummaryRow::new("Email address", breakable(page.email.clone()))
            .change(journey.page(AddStep::Email), "email address"),
    ];
    let change = journey.page(AddStep::Details);
    if page.has_account {
        rows.push(SummaryRow::new("Name", page.name.clone()));
    } else {
        rows.push(SummaryRow::new("Name", or_none(&page.name)).change(change.clone(), "name"));
    }
    let details = &page.details;
    let clinician = match details.clinician.as_str() {
        "yes" if details.registration_number.is_empty() => "Yes".to_owned(),
        "yes" => ["Yes, ", &details.registration_number].concat(),
        "no" => "No".to_owned(),
        _ => String::new(),
    };
    for (usage, key, value, about) in [
        (
            page.rules.job_title,
            "Job title",
            &details.job_title,
            "job title",
        ),
        (
            page.rules.clinician,
            "Registered clinician",
            &clinician,
            "clinician status",
        ),
        (page.rules.notes, "Notes", &details.notes, "notes"),
    ] {
        if usage != FieldUse::Hidden {
            let text = lines(or_none(value).lines().map(ToOwned::to_owned));
            rows.push(SummaryRow::new(key, text).change(change.clone(), about));
        }
    }
    view! { <SummaryList rows/> }.into_any()
}

fn access(page: &AddCheck, journey: &Journey) -> AnyView {
    if page.roles.is_empty() {
        let rows = vec![
            SummaryRow::new("Role", "No role yet").change(journey.page(AddStep::Role), "role"),
        ];
        return view! {
            <Card heading="Access" heading_size="m">
                <SummaryList rows/>
                <p>"They can sign in and cannot do anything here until someone gives them a role."</p>
            </Card>
        }
        .into_any();
    }
    let several = page.roles.len() > 1;
    let cards: Vec<AnyView> = page
        .roles
        .iter()
        .map(|role| {
            let heading = if several {
                ["Access: ", &role.role.name].concat()
            } else {
                "Access".to_owned()
            };
            let rows = rows_of(role, page, journey);
            let can = ["What ", &role.role.name, " can do"].concat();
            let remove =
                several.then(|| view! { <Remove number=role.number name=role.role.name.clone()/> });
            let role = role.role.clone();
            view! {
                <Card heading heading_size="m">
                    <SummaryList rows/>
                    <h3 class="nhsuk-heading-s">{can}</h3>
                    <RolePermissions role/>
                    {remove}
                </Card>
            }
            .into_any()
        })
        .collect();
    let next = wording::count(page.roles.len() + 1);
    let more = page.more_roles.then(|| {
        let href = journey.page_about(AddStep::Role, next);
        view! { <ButtonLink href variant="secondary">"Add another role"</ButtonLink> }
    });
    view! { {cards} {more} }.into_any()
}

fn rows_of(role: &CheckedRole, page: &AddCheck, journey: &Journey) -> Vec<SummaryRow> {
    let about = |what: &str| [what, " ", &role.role.name].concat();
    let place = |step| journey.page_about(step, role.number);
    let mut areas = SummaryRow::new(
        if page.area_label.is_empty() {
            "Where".to_owned()
        } else {
            capitalised(&page.area_label)
        },
        area_lines(&role.areas, &page.organisation_name),
    );
    if role.asks_areas {
        areas = areas.change(place(AddStep::Areas), about("where they have"));
    }
    let when = if role.period.is_empty() {
        "At once, without an end".to_owned()
    } else {
        role.period.clone()
    };
    vec![
        SummaryRow::new("Role", role.role.name.clone()).change(place(AddStep::Role), about("role")),
        areas,
        SummaryRow::new("When", when).change(place(AddStep::Dates), about("when they have")),
    ]
}

/// A role that was not meant.
#[component]
fn Remove(number: u32, name: String) -> impl IntoView {
    let action = Post::<DropAddRole>::new();
    let hidden = journey().hidden_with(number);
    view! {
        <Form action>
            {hidden}
            <ButtonGroup>
                <Button variant="secondary" small=true hidden_text=name>"Remove role"</Button>
            </ButtonGroup>
        </Form>
    }
}

/// The email as it will be sent: built from the same words.
fn preview(page: &AddCheck) -> AnyView {
    let frame = use_frame();
    let from = frame.with_untracked(|frame| frame.service_name.clone());
    let (to, letter) = (page.email.clone(), page.letter.clone());
    view! {
        <Details summary="Preview the email">
            <EmailPreview from to letter/>
        </Details>
    }
    .into_any()
}
