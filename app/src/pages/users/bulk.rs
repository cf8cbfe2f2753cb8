//! Selecting several people in the list (6.13): a form around the table, which the browser itself posts,
//! with wasm too. What wasm adds is loaded later, with the pages of members.

use domain::{
    bulk::BulkAction,
    listing::{UserRow, UsersPage, UsersQuery},
};
use leptos::{prelude::*, server_fn::ServerFn};

use super::{List, words};
use crate::browser::use_browser;
use crate::components::{Details, ErrorMessage, RowCheckbox, Text, form::use_form};
use crate::messages::{bulk_button, sentence};
use crate::parts::{AnyPage, Members};
use crate::server_fns::bulk::StartBulk;

const SELECTING: AnyPage = AnyPage::Members(Members::Selecting);
/// The actions that have a button of their own; the others are folded away.
const FIRST: [BulkAction; 3] = [BulkAction::Role, BulkAction::Resend, BulkAction::Deactivate];

/// Loads what a browser adds.
pub(super) fn load(list: List) {
    let browser = use_browser();
    Effect::new(move |_| {
        if let Some(browser) = browser {
            leptos::task::spawn_local(async move {
                (browser.load)(SELECTING).await;
                list.selecting.try_set(true);
            });
        }
    });
}

/// The checkbox of a row.
pub(super) fn select(index: usize, row: &UserRow) -> Text {
    let id = match index {
        0 => "select".to_owned(),
        index => ["select-", &(index + 1).to_string()].concat(),
    };
    let label = ["Select ", row.label()].concat();
    view! { <RowCheckbox id name="select[]" value=row.user.to_string() label/> }
        .into_any()
        .into()
}

/// The table with the buttons above and below it, for whoever may do something to many.
pub(super) fn around(list: List, query: &UsersQuery, page: &UsersPage, table: AnyView) -> AnyView {
    if page.bulk.is_empty() {
        return table;
    }
    let form = use_form();
    let error = move || {
        form.violation("select")
            .map(|wrong| view! { <ErrorMessage words=sentence(&wrong.code, &wrong.params)/> })
    };
    let org = list.base.with_value(|base| {
        let rest = base.trim_start_matches("/o/");
        rest.trim_end_matches("/users").to_owned()
    });
    let everybody = ["Select all ", &words::counted(page), " that match"].concat();
    let browser = use_browser();
    let added = move || {
        let browser = browser.filter(|_| list.selecting.get())?;
        (browser.show)(SELECTING)
    };
    let total = words::counted(page);
    view! {
        <form method="post" action=StartBulk::PATH class="app-bulk" data-total=total>
            <input type="hidden" name="org" value=org/>
            <input type="hidden" name="query" value=query.to_query_string()/>
            {error}
            <div class="app-bulk-bar">
                <div class="app-bulk__all">
                    <RowCheckbox id="all" name="all" value="yes" label=everybody visible=true/>
                </div>
                {added}
                {buttons(page)}
            </div>
            {table}
            <div class="app-bulk-bar app-bulk-bar--foot">
                <p class="app-bulk-bar__count" role="status"></p>
                {buttons(page)}
            </div>
        </form>
    }
    .into_any()
}

fn buttons(page: &UsersPage) -> AnyView {
    let (first, more): (Vec<BulkAction>, Vec<BulkAction>) =
        page.bulk.iter().partition(|action| FIRST.contains(action));
    let folded = (!more.is_empty()).then(|| {
        let more = group(more);
        view! { <Details summary="More actions">{more}</Details> }
    });
    view! {
        {group(first)}
        {folded}
    }
    .into_any()
}

fn group(actions: Vec<BulkAction>) -> AnyView {
    let buttons: Vec<AnyView> = actions
        .into_iter()
        .map(|action| {
            view! {
                <button
                    class="nhsuk-button nhsuk-button--secondary nhsuk-button--small"
                    data-module="nhsuk-button"
                    type="submit"
                    name="action"
                    value=action.as_str()
                >
                    {bulk_button(action)}
                </button>
            }
            .into_any()
        })
        .collect();
    view! { <div class="nhsuk-button-group">{buttons}</div> }.into_any()
}
