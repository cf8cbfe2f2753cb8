//! What will happen to each (6.3), and the interruption before many are deactivated (6.6). Nothing is
//! changed before the post of this page.

use domain::{
    bulk::{self, BulkAction, BulkCheck, BulkOutcome, BulkPerson, BulkStep},
    wording::number,
};
use leptos::prelude::*;

use super::{CAPTION, Journey, is_about_access, journey, more, name};
use crate::components::{
    Button, Column, InterruptionPanel, Page, SummaryList, SummaryRow, Table, Text, WarningCallout,
    area_lines,
    form::{Form, Post, ask_again_after},
    lines,
    loaded::Loaded,
    who_holds,
};
use crate::messages::{bulk_because, bulk_cannot, bulk_reason, bulk_task, plural};
use crate::reading::reading;
use crate::server_fns::bulk::{ConfirmBulk, LeaveOut, ReadBulkCheck};

type View = bulk::BulkCheckPage;

/// `/o/{org}/users/bulk/{draft}/check`, and `…/sure` where the answers are asked once more.
#[component]
pub fn BulkCheckPage(#[prop(optional)] sure: bool) -> impl IntoView {
    let journey = journey();
    let resource = reading(move || ReadBulkCheck {
        org: journey.org.clone(),
        draft: journey.draft.clone(),
    });
    let leave_out = Post::<LeaveOut>::new();
    provide_context(leave_out);
    ask_again_after(leave_out, resource);
    let view = if sure { once_more } else { check };
    view! { <Loaded resource view/> }
}

fn check(page: Option<View>) -> AnyView {
    page.map(|page| view! { <Check page/> }).into_any()
}

/// The answers without a second question where none is asked.
fn once_more(page: Option<View>) -> AnyView {
    match page {
        Some(page) if page.asks_once_more => view! { <Sure page/> }.into_any(),
        page => check(page),
    }
}

/// What the button says: "Deactivate 12 users".
fn button(page: &View) -> String {
    domain::unicode::capitalised(&bulk_task(page.what.action, page.people.total))
}

/// The fields of the post that does it.
fn confirming(page: &View, journey: &Journey) -> AnyView {
    view! {
        <input type="hidden" name="org" value=journey.org.clone()/>
        <input type="hidden" name="once" value=journey.draft.clone()/>
        <input type="hidden" name="version" value=page.version.clone()/>
    }
    .into_any()
}

#[component]
fn Check(page: View) -> impl IntoView {
    let journey = journey();
    let back = match page.back {
        Some(step) => journey.page(step),
        None => journey.users() + &page.query,
    };
    let cancel = journey.cancel();
    if page.people.is_empty() {
        let left_out = left_out(&page, &journey);
        return view! {
            <Page title="There is nothing to do" caption=CAPTION back>
                {left_out}
                {cancel}
            </Page>
        }
        .into_any();
    }
    let action = Post::<ConfirmBulk>::new();
    let title = [
        "Check and ",
        &bulk_task(page.what.action, page.people.total),
    ]
    .concat();
    let fields = confirming(&page, &journey);
    let (summary, people) = (summary(&page.what, &journey), people(&page, &journey));
    let (left_out, next, button) = (left_out(&page, &journey), next(&page), button(&page));
    let takeover = takeover(&page);
    let variant = if page.what.action == BulkAction::Deactivate && !page.asks_once_more {
        "warning"
    } else {
        ""
    };
    view! {
        <Page title caption=CAPTION back>
            {summary}
            <div id="select">{people}</div>
            {left_out}
            {takeover}
            {next}
            <Form action>{fields} <Button variant>{button}</Button></Form>
            {cancel}
        </Page>
    }
    .into_any()
}

/// The answers, with the way to change them.
fn summary(what: &BulkCheck, journey: &Journey) -> AnyView {
    let change = |row: SummaryRow, step, words| row.change(journey.page(step), words);
    let mut rows = Vec::new();
    match what.action {
        BulkAction::Role | BulkAction::Areas => {
            if what.action == BulkAction::Role {
                let row = SummaryRow::new("New role", what.role.clone());
                rows.push(change(row, BulkStep::Role, "role"));
            }
            if what.asks_areas {
                let areas = area_lines(&what.areas, &what.organisation);
                let row = SummaryRow::new(domain::unicode::capitalised(&what.area_label), areas);
                rows.push(change(row, BulkStep::Areas, "where they need access"));
            }
            if !what.reason.is_empty() {
                let row = SummaryRow::new("Reason", what.reason.clone());
                rows.push(change(row, BulkStep::Reason, "reason"));
            }
        }
        BulkAction::EndDate => {
            let row = SummaryRow::new("Last day", what.last_day.clone());
            rows.push(change(row, BulkStep::EndDate, "last day"));
        }
        BulkAction::Deactivate => {
            let row = SummaryRow::new("Reason", what.reason.clone());
            rows.push(change(row, BulkStep::Deactivate, "reason"));
        }
        _ => {}
    }
    if rows.is_empty() {
        return ().into_any();
    }
    view! { <SummaryList rows/> }.into_any()
}

/// Everybody who is changed: what they have, what they will have, and a way to leave them out.
fn people(page: &View, journey: &Journey) -> AnyView {
    let leave_out = expect_context::<Post<LeaveOut>>();
    let action = page.what.action;
    let mut columns = vec![Column::new("User")];
    match action {
        _ if is_about_access(action) => {
            columns.extend([Column::new("Now"), Column::new("Then")]);
        }
        BulkAction::Deactivate => columns.push(Column::new("What they lose")),
        BulkAction::Reactivate => columns.push(Column::new("What they get back")),
        _ => columns.push(Column::new("What will happen")),
    }
    columns.push(Column::new("Action").hidden());
    let access = |rows: &[String]| -> Text {
        if rows.is_empty() {
            "No role".into()
        } else {
            lines(rows.iter().cloned())
        }
    };
    let row = |person: &BulkPerson| {
        let mut cells = vec![name(&journey.org, person)];
        match action {
            _ if is_about_access(action) => {
                cells.extend([access(&person.before), access(&person.after)]);
            }
            BulkAction::Resend => cells.push("A new link by email".into()),
            BulkAction::Cancel => cells.push("Their link stops working".into()),
            _ => cells.push(access(&person.before)),
        }
        cells.push(take("user", "Remove", person));
        cells
    };
    let rows: Vec<Vec<Text>> = page.people.shown.iter().map(row).collect();
    let caption = plural(
        page.people.total.into(),
        "user will be changed",
        "users will be changed",
    );
    let (hidden, more) = (journey.hidden(), more(page.people.more(), false));
    view! {
        <Form action=leave_out>
            {hidden}
            <Table caption columns rows responsive=true/>
        </Form>
        {more}
    }
    .into_any()
}

/// A button of the form around the table, which looks like a link.
fn take(field: &'static str, words: &'static str, person: &BulkPerson) -> Text {
    let about = [" ", &person.name].concat();
    view! {
        <button class="app-button-link" type="submit" name=field value=person.user.to_string()>
            {words} <span class="nhsuk-u-visually-hidden">{about}</span>
        </button>
    }
    .into_any()
    .into()
}

/// Who is left as they are, and why: "2 of the 12 cannot be sent an invitation because they are already
/// active" (6.13).
fn left_out(page: &View, journey: &Journey) -> AnyView {
    if page.left_out.is_empty() {
        return ().into_any();
    }
    let leave_out = expect_context::<Post<LeaveOut>>();
    let of_all = [" of the ", &number(page.selected.into()), " "].concat();
    let sentences: Vec<AnyView> = page
        .reasons
        .iter()
        .map(|reason| {
            let count = number(reason.count.into());
            let words = if reason.outcome == BulkOutcome::LeftOut {
                [
                    &count,
                    &of_all,
                    "will not be changed because ",
                    bulk_because(reason.outcome),
                ]
                .concat()
            } else {
                let cannot = bulk_cannot(page.what.action);
                [
                    &count,
                    &of_all,
                    cannot,
                    " because ",
                    bulk_because(reason.outcome),
                ]
                .concat()
            };
            view! { <li>{words}</li> }.into_any()
        })
        .collect();
    let columns = vec![
        Column::new("User"),
        Column::new("Reason"),
        Column::new("Action").hidden(),
    ];
    let row = |person: &BulkPerson| {
        let back = if person.outcome == BulkOutcome::LeftOut {
            take("back", "Put back", person)
        } else {
            Text::default()
        };
        vec![
            name(&journey.org, person),
            bulk_reason(person.outcome).into(),
            back,
        ]
    };
    let rows: Vec<Vec<Text>> = page.left_out.shown.iter().map(row).collect();
    let caption = plural(
        page.left_out.total.into(),
        "user will not be changed",
        "users will not be changed",
    );
    let (hidden, more) = (journey.hidden(), more(page.left_out.more(), false));
    view! {
        <ul class="nhsuk-list nhsuk-list--bullet">{sentences}</ul>
        {who_holds(page.places.clone())}
        <Form action=leave_out>
            {hidden}
            <Table caption columns rows responsive=true/>
        </Form>
        {more}
    }
    .into_any()
}

/// What somebody else must take over (J45).
fn takeover(page: &View) -> AnyView {
    if page.left_without_holder.is_empty() {
        return ().into_any();
    }
    let items: Vec<AnyView> = page
        .left_without_holder
        .iter()
        .map(|role| {
            let words = ["Nobody else has the role ", role, "."].concat();
            view! { <li>{words}</li> }.into_any()
        })
        .collect();
    view! {
        <WarningCallout heading="You will need to assign other people">
            <ul class="nhsuk-list nhsuk-list--bullet">{items}</ul>
        </WarningCallout>
    }
    .into_any()
}

/// What happens next, in one line.
fn next(page: &View) -> AnyView {
    let words = match page.what.action {
        BulkAction::Deactivate => [
            "They will lose access to ",
            &page.what.organisation,
            " now, also where they are signed in. Their accounts at other organisations are not affected. We will email each of them.",
        ]
        .concat(),
        BulkAction::Reactivate => {
            "They can sign in again at once. We will email each of them.".to_owned()
        }
        BulkAction::Resend => "Their old links stop working.".to_owned(),
        BulkAction::Cancel => "Nothing is sent to them.".to_owned(),
        _ if page.from_next_sign_in => {
            "What you take away ends at once. What you give counts from the next time that they sign in. We will email each of them.".to_owned()
        }
        _ => "This applies at once, also where they are signed in. We will email each of them."
            .to_owned(),
    };
    view! { <p>{words}</p> }.into_any()
}

#[component]
fn Sure(page: View) -> impl IntoView {
    let journey = journey();
    let action = Post::<ConfirmBulk>::new();
    let back = journey.page(BulkStep::Check);
    let change = back.clone();
    let heading = [
        "Are you sure you want to ",
        &bulk_task(page.what.action, page.people.total),
        "?",
    ]
    .concat();
    let words = [
        "They will lose access to ",
        &page.what.organisation,
        " now, also where they are signed in. You can undo this for 24 hours.",
    ]
    .concat();
    let (fields, button, title) = (confirming(&page, &journey), button(&page), heading.clone());
    view! {
        <Page title heading=false back>
            <InterruptionPanel heading>
                <p>{words}</p>
                <Form action>
                    {fields} <input type="hidden" name="sure" value="yes"/>
                    <Button variant="reverse">{button}</Button>
                </Form>
                <p><a href=change>"Change who is deactivated"</a></p>
            </InterruptionPanel>
        </Page>
    }
}
