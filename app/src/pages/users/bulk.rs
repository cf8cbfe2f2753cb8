//! Selecting several people in the list (6.13): a form around the table, which the browser itself posts,
//! with wasm too. What wasm adds is loaded later, with the pages for many people, and the buttons are plain
//! words of HTML: this part of the program is kept small.

use domain::{
    bulk::{BulkAction, BulkActions},
    listing::{UserRow, UsersPage, UsersQuery},
};
use leptos::{prelude::*, server_fn::ServerFn};

use super::{List, words};
use crate::browser::use_browser;
use crate::components::{ErrorMessage, Text, form::use_form};
use crate::messages::sentence;
use crate::parts::{AnyPage, Many};
use crate::server_fns::bulk::StartBulk;

const SELECTING: AnyPage = AnyPage::Many(Many::Selecting);
/// The addresses of a list are around the name of its organisation.
const AROUND: (usize, usize) = ("/o/".len(), "/users".len());

/// Loads what a browser adds.
pub(super) fn load(list: List) {
    if let Some(browser) = use_browser() {
        leptos::task::spawn_local(async move {
            (browser.load)(SELECTING).await;
            list.selecting.try_set(true);
        });
    }
}

/// The checkbox of a row.
pub(super) fn select(index: usize, row: &UserRow) -> Text {
    let id = match index {
        0 => "select".to_owned(),
        index => ["select-", &(index + 1).to_string()].concat(),
    };
    let label = ["Select ", row.label()].concat();
    tick(
        id,
        "select[]",
        row.user.to_string(),
        label,
        "nhsuk-u-visually-hidden",
    )
    .into()
}

fn tick(
    id: String,
    name: &'static str,
    value: String,
    label: String,
    class: &'static str,
) -> AnyView {
    view! {
        <div class="nhsuk-checkboxes nhsuk-checkboxes--small">
            <div class="nhsuk-checkboxes__item">
                <input class="nhsuk-checkboxes__input" id=id.clone() name=name type="checkbox" value=value/>
                <label class="nhsuk-label nhsuk-checkboxes__label" for=id>
                    <span class=class>{label}</span>
                </label>
            </div>
        </div>
    }
    .into_any()
}

/// The table with the buttons above and below it, for whoever may do something to many.
pub(super) fn around(list: List, query: &UsersQuery, page: &UsersPage, table: AnyView) -> AnyView {
    if page.bulk.is_empty() {
        return table;
    }
    let error = use_form()
        .violation("select")
        .map(|wrong| view! { <ErrorMessage words=sentence(&wrong.code, &wrong.params)/> });
    let org = list.base.with_value(|base| {
        let slug = base.get(AROUND.0..base.len().saturating_sub(AROUND.1));
        slug.unwrap_or_default().to_owned()
    });
    let everybody = ["Select all ", &words::counted(page), " that match"].concat();
    let browser = use_browser();
    let added = move || {
        let browser = browser.filter(|_| list.selecting.get())?;
        (browser.show)(SELECTING)
    };
    let everybody = tick("all".to_owned(), "all", "yes".to_owned(), everybody, "");
    let above = view! {
        <div class="app-bulk__all">{everybody}</div>
        {added}
    };
    let count = view! { <p class="app-bulk-bar__count" role="status"></p> };
    view! {
        <form method="post" action=StartBulk::PATH class="app-bulk">
            <input type="hidden" name="org" value=org/>
            <input type="hidden" name="query" value=query.to_query_string()/>
            {error}
            {bar("app-bulk-bar", above.into_any(), page.bulk)}
            {table}
            {bar("app-bulk-bar app-bulk-bar--foot", count.into_any(), page.bulk)}
        </form>
    }
    .into_any()
}

/// A bar with its buttons. Each is plain HTML, so that it is nothing but text in the program.
fn bar(class: &'static str, lead: AnyView, may: BulkActions) -> AnyView {
    let mut first = Vec::new();
    let mut more = Vec::new();
    if may.has(BulkAction::Role) {
        first.push(view! { <button class="nhsuk-button nhsuk-button--secondary nhsuk-button--small" type="submit" name="action" value="role">"Change role"</button> }.into_any());
        more.push(view! { <button class="nhsuk-button nhsuk-button--secondary nhsuk-button--small" type="submit" name="action" value="areas">"Add to area"</button> }.into_any());
        more.push(view! { <button class="nhsuk-button nhsuk-button--secondary nhsuk-button--small" type="submit" name="action" value="end-date">"Set end date"</button> }.into_any());
    }
    if may.has(BulkAction::Resend) {
        first.push(view! { <button class="nhsuk-button nhsuk-button--secondary nhsuk-button--small" type="submit" name="action" value="resend">"Send invitation again"</button> }.into_any());
        more.push(view! { <button class="nhsuk-button nhsuk-button--secondary nhsuk-button--small" type="submit" name="action" value="cancel">"Cancel invitation"</button> }.into_any());
    }
    if may.has(BulkAction::Deactivate) {
        first.push(view! { <button class="nhsuk-button nhsuk-button--secondary nhsuk-button--small" type="submit" name="action" value="deactivate">"Deactivate"</button> }.into_any());
        more.push(view! { <button class="nhsuk-button nhsuk-button--secondary nhsuk-button--small" type="submit" name="action" value="reactivate">"Reactivate"</button> }.into_any());
    }
    if may.has(BulkAction::Export) {
        more.push(view! { <button class="nhsuk-button nhsuk-button--secondary nhsuk-button--small" type="submit" name="action" value="export">"Export selected"</button> }.into_any());
    }
    view! {
        <div class=class>
            {lead}
            <div class="nhsuk-button-group">{first}</div>
            <details class="nhsuk-details">
                <summary class="nhsuk-details__summary">
                    <span class="nhsuk-details__summary-text">"More actions"</span>
                </summary>
                <div class="nhsuk-details__text">
                    <div class="nhsuk-button-group">{more}</div>
                </div>
            </details>
        </div>
    }
    .into_any()
}
