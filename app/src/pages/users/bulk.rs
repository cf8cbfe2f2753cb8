//! Selecting several people in the list (6.13): a form around the table, which the browser itself posts,
//! with wasm too. What wasm adds is loaded later, with the pages of members, and the buttons are plain
//! words of HTML: this part of the program is kept small.

use domain::{
    bulk::{BulkAction, BulkActions},
    listing::{UserRow, UsersPage, UsersQuery},
};
use leptos::{prelude::*, server_fn::ServerFn};

use super::{List, words};
use crate::browser::use_browser;
use crate::components::{Details, ErrorMessage, Text, form::use_form};
use crate::messages::sentence;
use crate::parts::{AnyPage, Members};
use crate::server_fns::bulk::StartBulk;

const SELECTING: AnyPage = AnyPage::Members(Members::Selecting);
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

fn hidden(name: &'static str, value: String) -> AnyView {
    view! { <input type="hidden" name=name value=value/> }.into_any()
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
    view! {
        <form method="post" action=StartBulk::PATH class="app-bulk">
            {hidden("org", org)}
            {hidden("query", query.to_query_string())}
            {error}
            <div class="app-bulk-bar">
                <div class="app-bulk__all">{tick("all".to_owned(), "all", "yes".to_owned(), everybody, "")}</div>
                {added}
                {buttons(page.bulk)}
            </div>
            {table}
            <div class="app-bulk-bar app-bulk-bar--foot">
                <p class="app-bulk-bar__count" role="status"></p>
                {buttons(page.bulk)}
            </div>
        </form>
    }
    .into_any()
}

fn buttons(may: BulkActions) -> AnyView {
    let mut first = Vec::new();
    let mut more = Vec::new();
    for (action, words) in [
        (BulkAction::Role, "Change role"),
        (BulkAction::Resend, "Send invitation again"),
        (BulkAction::Deactivate, "Deactivate"),
        (BulkAction::Areas, "Add to area"),
        (BulkAction::EndDate, "Set end date"),
        (BulkAction::Cancel, "Cancel invitation"),
        (BulkAction::Reactivate, "Reactivate"),
        (BulkAction::Export, "Export selected"),
    ] {
        if may.has(action) {
            let button = button(action.as_str(), words);
            if is_first(action) {
                first.push(button);
            } else {
                more.push(button);
            }
        }
    }
    let folded = (!more.is_empty())
        .then(|| view! { <Details summary="More actions">{group(more)}</Details> });
    view! {
        {group(first)}
        {folded}
    }
    .into_any()
}

/// Whether an action has a button that is always in sight.
const fn is_first(action: BulkAction) -> bool {
    matches!(
        action,
        BulkAction::Role | BulkAction::Resend | BulkAction::Deactivate
    )
}

fn group(buttons: Vec<AnyView>) -> AnyView {
    view! { <div class="nhsuk-button-group">{buttons}</div> }.into_any()
}

fn button(action: &'static str, words: &'static str) -> AnyView {
    view! {
        <button class="nhsuk-button nhsuk-button--secondary nhsuk-button--small" type="submit" name="action" value=action>
            {words}
        </button>
    }
    .into_any()
}
