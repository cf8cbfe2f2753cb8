//! What will be sent to whom (D4 step 6, 6.3). Nothing is sent before this page's post.

use domain::{
    invitation::{First, InviteCheck, InviteStep, KnownPerson},
    wording,
};
use leptos::prelude::*;

use super::{CAPTION, areas_key, journey, not_sent_table};
use crate::components::{
    Button, Column, Details, EmailPreview, InsetText, Page, RolePermissions, SummaryList,
    SummaryRow, Table, Text, area_lines,
    form::{Form, Post},
    layout::use_frame,
    loaded::Loaded,
};
use crate::messages::plural;
use crate::reading::reading;
use crate::server_fns::invitations::{ReadInviteCheck, SendInvitations};

/// The page of answers.
#[component]
pub fn InviteCheckPage() -> impl IntoView {
    let journey = journey();
    let resource = reading(move || ReadInviteCheck {
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
fn Check(page: InviteCheck) -> impl IntoView {
    let journey = journey();
    let action = Post::<SendInvitations>::new();
    let invitations = page.invitees.total + page.again.total;
    let words = match invitations {
        0 => plural(page.members.total.into(), "role", "roles"),
        1 => "invitation".to_owned(),
        count => plural(count.into(), "invitation", "invitations"),
    };
    let (verb, done) = if invitations == 0 {
        ("Give ", "Check and give ")
    } else {
        ("Send ", "Check and send ")
    };
    let title = [done, &words].concat();
    let button = [verb, &words].concat();
    let back = journey.page(InviteStep::Message);
    let role = page.role.clone();
    let permissions_heading = ["What ", &role.name, " can do"].concat();
    let cancel = journey.cancel();
    let (summary, left_out) = (answers(&page, &journey), left_out(&page, &journey.org));
    view! {
        <Page title caption=CAPTION back>
            <div id="role">{summary}</div>
            <h2 class="nhsuk-heading-m">{permissions_heading}</h2>
            <RolePermissions role/>
            <h2 class="nhsuk-heading-m">"People"</h2>
            {people(&page)}
            <div id="problems">{left_out}</div>
            {preview(&page)}
            {quota(&page)}
            {next(&page)}
            <Form action>
                <input type="hidden" name="org" value=journey.org/>
                <input type="hidden" name="once" value=journey.draft/>
                <input type="hidden" name="version" value=page.version.to_string()/>
                <Button>{button}</Button>
            </Form>
            {cancel}
        </Page>
    }
}

fn answers(page: &InviteCheck, journey: &super::Journey) -> impl IntoView + use<> {
    let who = match (page.to_send(), page.invitees.shown.first()) {
        (1, Some(person)) => person.address.as_str().to_owned(),
        (count, _) => plural(count.into(), "person", "people"),
    };
    let areas = area_lines(&page.areas, &page.organisation_name);
    let message = if page.message.is_empty() {
        "Not provided".into()
    } else {
        crate::components::lines(page.message.lines().map(ToOwned::to_owned))
    };
    let mut where_row = SummaryRow::new(areas_key(&page.area_label), areas);
    if page.asks_areas {
        where_row = where_row.change(journey.page(InviteStep::Areas), "where they need access");
    }
    let rows = vec![
        SummaryRow::new("People", who).change(journey.page(InviteStep::Emails), "people"),
        SummaryRow::new("Role", page.role.name.clone())
            .change(journey.page(InviteStep::Role), "role"),
        where_row,
        SummaryRow::new("Message", message).change(journey.page(InviteStep::Message), "message"),
    ];
    view! { <SummaryList rows/> }
}

/// Everybody who gets something, and what.
fn people(page: &InviteCheck) -> impl IntoView + use<> {
    let columns = vec![
        Column::new("Email address"),
        Column::new("What will happen"),
    ];
    let mut rows: Vec<Vec<Text>> = page
        .invitees
        .shown
        .iter()
        .map(|person| {
            let name = person.name.as_deref().unwrap_or_default();
            vec![address(person.address.as_str(), name), "Invitation".into()]
        })
        .collect();
    let known = |people: &First<KnownPerson>, what: &'static str| -> Vec<Vec<Text>> {
        people
            .shown
            .iter()
            .map(|person| vec![address(&person.email, &person.name), what.into()])
            .collect()
    };
    rows.extend(known(&page.again, "Invitation, sent again"));
    rows.extend(known(&page.members, "Given this role as well"));
    let listed = wording::count(rows.len());
    let more = page.to_send().saturating_sub(listed);
    let more = (more > 0).then(|| {
        let words = [
            "And ",
            &plural(more.into(), "more person", "more people"),
            ".",
        ]
        .concat();
        view! { <p>{words}</p> }
    });
    let caption = view! { <span class="nhsuk-u-visually-hidden">"People"</span> }.into_any();
    view! { <Table caption columns rows responsive=true compact=true/> {more} }
}

/// The address, and the name under it where there is one.
fn address(text: &str, name: &str) -> Text {
    let name =
        (!name.is_empty()).then(|| view! { <span class="app-secondary">{name.to_owned()}</span> });
    view! { <div class="nhsuk-u-text-break-word">{text.to_owned()} {name}</div> }
        .into_any()
        .into()
}

fn left_out(page: &InviteCheck, org: &str) -> Option<impl IntoView + use<>> {
    if page.not_invited.is_empty() {
        return None;
    }
    let count = page.not_invited.total;
    let summary = plural(
        count.into(),
        "line will be skipped",
        "lines will be skipped",
    );
    let table = not_sent_table(
        "Not invited".to_owned(),
        org,
        page.not_invited.shown.clone(),
    );
    let more = page.not_invited.more();
    let more = (more > 0).then(|| {
        let words = ["And ", &plural(more.into(), "more line", "more lines"), "."].concat();
        view! { <p>{words}</p> }
    });
    Some(view! { <Details summary>{table} {more}</Details> })
}

/// The email as it will be sent: built from the same words.
fn preview(page: &InviteCheck) -> Option<impl IntoView + use<>> {
    if page.invitees.is_empty() {
        return None;
    }
    let frame = use_frame();
    let from = frame.with_untracked(|frame| frame.service_name.clone());
    let to = page
        .invitees
        .shown
        .first()
        .map(|person| person.address.as_str().to_owned())
        .unwrap_or_default();
    let letter = page.letter.clone();
    Some(view! {
        <Details summary="Preview the email">
            <EmailPreview from to letter/>
        </Details>
    })
}

fn quota(page: &InviteCheck) -> Option<impl IntoView + use<>> {
    let left = page.quota_left?;
    let words = [
        "Your organisation can send ",
        &plural(left.into(), "more invitation", "more invitations"),
        " today. We will tell you who was not invited, so that you can try again tomorrow.",
    ]
    .concat();
    Some(view! { <InsetText><p>{words}</p></InsetText> })
}

/// What happens next, in one line.
fn next(page: &InviteCheck) -> impl IntoView + use<> {
    let end = wording::date_and_time(page.expires_at);
    let words = if page.invitees.total + page.again.total == 1 {
        [
            "We will send them an email with a link that works until ",
            &end,
            ".",
        ]
        .concat()
    } else if page.invitees.total + page.again.total == 0 {
        "They will have the role at once. We will send each of them an email.".to_owned()
    } else {
        [
            "We will send each of them an email with their own link. The links work until ",
            &end,
            ".",
        ]
        .concat()
    };
    view! { <p>{words}</p> }
}
