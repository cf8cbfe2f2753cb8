//! The table of the users list.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    listing::{UserRow, UsersPage, UsersQuery, UsersSort},
    status::ShownStatus,
    wording::{column_date, date, machine},
};
use leptos::prelude::*;

use super::{List, words};
use crate::components::{Column, StatusTag, Table, Text, breakable};
use crate::messages::{days_until, plural};

/// One row for each person, named by the person.
pub(super) fn view(list: List, query: &UsersQuery, page: &UsersPage) -> AnyView {
    let sorted = |sort: UsersSort| {
        let href = list.href(&query.toggle_sort(sort));
        Column::new(words::column(sort)).sort(href, query.aria_sort(sort))
    };
    let dated = words::shown_date(query);
    let selectable = !page.bulk.is_empty();
    let actions = page.rows.iter().any(|row| row.invitation.is_some());
    let mut columns = vec![
        sorted(UsersSort::Name),
        Column::new("Role"),
        Column::new(domain::unicode::capitalised(&page.area_label.many)),
        Column::new("Status"),
        sorted(dated),
    ];
    if selectable {
        columns.insert(0, Column::new("Select").hidden());
    }
    if actions {
        columns.push(Column::new("Actions").hidden());
    }
    let rows = page
        .rows
        .iter()
        .enumerate()
        .map(|(index, row)| {
            let mut cells = vec![
                name(list, row),
                roles(row),
                areas(row, page),
                status(row, page),
                when(row, dated, page),
            ];
            if selectable {
                cells.insert(0, super::bulk::select(index, row));
            }
            if actions {
                cells.push(invitation(list, row));
            }
            cells
        })
        .collect();
    view! {
        <div class="app-sheet">
            <Table caption=words::caption(query, page) columns rows row_header=usize::from(selectable) responsive=true compact=true class="app-table"/>
        </div>
    }
    .into_any()
}

fn person(list: List, row: &UserRow) -> String {
    list.base
        .with_value(|base| [base, "/", &row.user.to_string()].concat())
}

/// The name, with the address under it; the address alone while there is no name.
fn name(list: List, row: &UserRow) -> Text {
    let you = row
        .is_self
        .then(|| view! { <span class="app-secondary">"You"</span> });
    let email = (!row.name.is_empty()).then(
        || view! { <span class="app-secondary app-break">{breakable(row.email.clone())}</span> },
    );
    view! {
        <a class="nhsuk-link app-break" href=person(list, row)>{breakable(row.label().to_owned())}</a>
        {email}
        {you}
    }
    .into_any()
    .into()
}

fn roles(row: &UserRow) -> Text {
    match &row.roles[..] {
        [] => "None".into(),
        [role] => role.clone().into(),
        roles => plural(roles.len() as u64, "role", "roles").into(),
    }
}

fn areas(row: &UserRow, page: &UsersPage) -> Text {
    match &row.areas[..] {
        _ if row.everywhere => "All".into(),
        [] => "None".into(),
        [area] => area.clone().into(),
        areas => plural(
            areas.len() as u64,
            &page.area_label.one,
            &page.area_label.many,
        )
        .into(),
    }
}

fn status(row: &UserRow, page: &UsersPage) -> Text {
    let label = page.labels.label(row.status).to_owned();
    let ends = row
        .invitation_expires_at
        .filter(|_| row.status == ShownStatus::Pending)
        .map(|end| ["Expires ", &days_until(end, page.at)].concat());
    let ends = ends.or_else(|| row.ends_at.map(|end| last_day(end, page.at)));
    let ends = ends.map(|ends| view! { <span class="app-secondary">{ends}</span> });
    // One part of the cell, beside its heading on a small screen.
    view! { <div><StatusTag status=row.status label/> {ends}</div> }
        .into_any()
        .into()
}

/// "Ends 31 March", and "Ends 31 March 2027" for another year than this. The end is the first instant after the
/// last day.
fn last_day(end: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let day = date(end - TimeDelta::seconds(1));
    let this_year = &date(now)[date(now).len() - 5..];
    ["Ends ", day.strip_suffix(this_year).unwrap_or(&day)].concat()
}

fn when(row: &UserRow, dated: UsersSort, page: &UsersPage) -> Text {
    let at = match dated {
        UsersSort::Invited => row.invited_at,
        UsersSort::Name | UsersSort::LastSignIn => row.last_signed_in_at,
    };
    match at {
        Some(at) => view! { <time class="app-nowrap" datetime=machine(at)>{column_date(at, page.at)}</time> }
            .into_any()
            .into(),
        None => "Never".into(),
    }
}

/// What can be done about an invitation; each is asked for again on its own page (E7).
fn invitation(list: List, row: &UserRow) -> Text {
    if row.invitation.is_none() {
        return Text::default();
    }
    let page = [&person(list, row), "/invitation"].concat();
    let label = row.label().to_owned();
    let to = [" to ", &label].concat();
    let of = [" the invitation of ", &label].concat();
    view! {
        <ul class="app-actions">
            <li>
                <a class="nhsuk-link" href=page.clone()>
                    "Send invitation again"<span class="nhsuk-u-visually-hidden">{to}</span>
                </a>
            </li>
            <li>
                <a class="nhsuk-link" href=[&page, "?cancel=yes"].concat()>
                    "Cancel"<span class="nhsuk-u-visually-hidden">{of}</span>
                </a>
            </li>
        </ul>
    }
    .into_any()
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// D1: the last day is named, not the moment after it; the year where it is another one.
    #[test]
    fn an_end_is_the_last_day() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let now = at("2026-11-28T04:30:00Z");
        for (end, words) in [
            ("2026-12-01T00:00:00Z", "Ends 30 November"),
            ("2027-01-01T00:00:00Z", "Ends 31 December"),
            ("2027-03-31T23:00:00Z", "Ends 31 March 2027"),
        ] {
            assert_eq!(last_day(at(end), now), words);
        }
    }
}
