//! Tables: plain, responsive (each row a small list on a narrow screen), and sorted by the server.

use super::field::{Text, join};
use leptos::prelude::*;

/// A column.
pub struct Column {
    heading: String,
    hidden: bool,
    right: bool,
    sort: Option<(String, &'static str)>,
}

impl Column {
    pub fn new(heading: impl Into<String>) -> Self {
        Self {
            heading: heading.into(),
            hidden: false,
            right: false,
            sort: None,
        }
    }

    /// The heading is there for the ear only: "Action".
    pub fn hidden(mut self) -> Self {
        self.hidden = true;
        self
    }

    /// Figures, under each other.
    pub fn right(mut self) -> Self {
        self.right = true;
        self
    }

    /// A real order of the list: where a click leads, and "ascending", "descending" or "none".
    pub fn sort(mut self, href: impl Into<String>, order: &'static str) -> Self {
        self.sort = Some((href.into(), order));
        self
    }

    fn class(&self, base: &str) -> String {
        join(
            base,
            if self.right {
                "nhsuk-u-text-align-right"
            } else {
                ""
            },
        )
    }

    fn head(&self, responsive: bool) -> AnyView {
        let role = responsive.then_some("columnheader");
        let class = self.class("nhsuk-table__header");
        let Some((href, order)) = self.sort.clone() else {
            return view! { <th class=class scope="col" role=role>{self.words()}</th> }.into_any();
        };
        let order = (order != "none").then_some(order);
        // The head is clipped on small screens: only its text is there then, never a link (2.4.7, 2.4.11).
        view! {
            <th class=class scope="col" role=role data-sort="" aria-sort=order>
                <a class="nhsuk-link app-sort__link" href=href>{self.heading.clone()}</a>
                <span class="app-sort__text">{self.heading.clone()}</span>
            </th>
        }
        .into_any()
    }

    fn words(&self) -> AnyView {
        if self.hidden {
            view! { <span class="nhsuk-u-visually-hidden">{self.heading.clone()}</span> }.into_any()
        } else {
            self.heading.clone().into_any()
        }
    }

    fn cell(&self, value: Text, is_header: bool, responsive: bool) -> AnyView {
        let heading = responsive.then(|| {
            view! { <span class="nhsuk-table__heading" aria-hidden="true">{self.words()} " "</span> }
        });
        let value = value.into_option();
        if is_header {
            let role = responsive.then_some("rowheader");
            view! { <th class=self.class("nhsuk-table__header") scope="row" role=role>{heading} {value}</th> }.into_any()
        } else {
            let role = responsive.then_some("cell");
            view! { <td class=self.class("nhsuk-table__cell") role=role>{heading} {value}</td> }
                .into_any()
        }
    }
}

/// A table. `rows` have one cell for each column.
#[component]
pub fn Table(
    #[prop(into)] caption: Text,
    /// "", "s", "m" or "l".
    #[prop(default = "m")]
    caption_size: &'static str,
    columns: Vec<Column>,
    rows: Vec<Vec<Text>>,
    /// Which column names the row.
    #[prop(default = 0)]
    row_header: usize,
    /// On small screens each row becomes a small list.
    #[prop(optional)]
    responsive: bool,
    #[prop(optional)] compact: bool,
    /// More classes.
    #[prop(optional)]
    class: &'static str,
) -> impl IntoView {
    let sortable = columns.iter().any(|column| column.sort.is_some());
    let mut classes = "nhsuk-table".to_owned();
    for (wanted, modifier) in [
        (compact, "compact"),
        (responsive, "responsive"),
        (sortable, "sortable"),
    ] {
        if wanted {
            classes.push_str(" nhsuk-table--");
            classes.push_str(modifier);
        }
    }
    let caption = caption.into_option().map(|caption| {
        let size = if caption_size.is_empty() { String::new() } else { ["nhsuk-table__caption--", caption_size].concat() };
        let note = sortable.then(|| view! { <span class="nhsuk-u-visually-hidden">" (Column headers are sortable)"</span> });
        view! { <caption class=join("nhsuk-table__caption", &size)>{caption} {note}</caption> }
    });
    let head: Vec<AnyView> = columns
        .iter()
        .map(|column| column.head(responsive))
        .collect();
    let row_role = responsive.then_some("row");
    let body: Vec<AnyView> = rows
        .into_iter()
        .map(|cells| {
            let cells: Vec<AnyView> = cells
                .into_iter()
                .zip(&columns)
                .enumerate()
                .map(|(index, (value, column))| column.cell(value, index == row_header, responsive))
                .collect();
            view! { <tr class="nhsuk-table__row" role=row_role>{cells}</tr> }.into_any()
        })
        .collect();
    view! {
        <table class=join(&classes, class) role=responsive.then_some("table")>
            {caption}
            <thead class="nhsuk-table__head" role=responsive.then_some("rowgroup")>
                <tr class="nhsuk-table__row" role=row_role>{head}</tr>
            </thead>
            <tbody class="nhsuk-table__body">{body}</tbody>
        </table>
    }
}
