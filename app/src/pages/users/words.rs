//! What the users list says about itself.

use domain::{
    email::EmailAddress,
    listing::{UsersPage, UsersQuery, UsersSort},
    status::ShownStatus,
    wording::number,
};
use leptos::prelude::*;

use super::{ButtonLink, List};
use crate::messages::plural;

/// The heading of a column with an order.
pub(super) const fn column(sort: UsersSort) -> &'static str {
    match sort {
        UsersSort::Name => "Name",
        UsersSort::LastSignIn => "Last signed in",
        UsersSort::Invited => "Invitation sent",
    }
}

/// Which date is shown: of people who were only invited, when they were.
pub(super) fn shown_date(query: &UsersQuery) -> UsersSort {
    let invited = query.statuses().iter().all(|status| status.is_invited());
    if invited || query.sort == UsersSort::Invited {
        UsersSort::Invited
    } else {
        UsersSort::LastSignIn
    }
}

/// The title of the document: "Users (page 2 of 9): results for “smith”" (ux 4.5).
pub(super) fn title(query: &UsersQuery, page: &UsersPage) -> String {
    let mut title = "Users".to_owned();
    if page.pages > 1 {
        title.push_str(" (page ");
        title.push_str(&number(page.page.into()));
        title.push_str(" of ");
        title.push_str(&number(page.pages.into()));
        title.push(')');
    }
    if !query.q.is_empty() {
        title.push_str(": results for “");
        title.push_str(&query.q);
        title.push('”');
    }
    title
}

/// "You can see users in Community nursing and North team." for those who manage some areas.
pub(super) fn limits(page: &UsersPage) -> Option<String> {
    let (last, others) = page.limited_to.split_last()?;
    let mut text = "You can see users in ".to_owned();
    if !others.is_empty() {
        text.push_str(&others.join(", "));
        text.push_str(" and ");
    }
    text.push_str(last);
    text.push('.');
    Some(text)
}

/// A link above the list.
pub(super) struct Tab {
    pub text: String,
    pub count: u32,
    pub query: UsersQuery,
    pub current: bool,
}

/// Current, the usual statuses, all.
pub(super) fn tabs(query: &UsersQuery, page: &UsersPage) -> Vec<Tab> {
    let everyone = query.statuses().len() == ShownStatus::ALL.len();
    let mut tabs = vec![Tab {
        text: "Current".to_owned(),
        count: page.current(),
        query: query.with_statuses(&[]),
        current: !query.all && query.status.is_empty(),
    }];
    for status in [
        ShownStatus::Active,
        ShownStatus::Pending,
        ShownStatus::Expired,
        ShownStatus::Inactive,
    ] {
        tabs.push(Tab {
            text: page.labels.label(status).to_owned(),
            count: page.count(status),
            query: query.with_statuses(&[status]),
            current: !query.all && query.status == [status],
        });
    }
    tabs.push(Tab {
        text: "All".to_owned(),
        count: page.everybody(),
        query: query.with_all(),
        current: everyone,
    });
    tabs
}

/// "users", "current users", "expired users".
fn whom(query: &UsersQuery, page: &UsersPage, count: u32) -> String {
    let noun = if count == 1 { "user" } else { "users" };
    let kind = match (query.all, &query.status[..]) {
        (false, []) => "current".to_owned(),
        (false, [ShownStatus::EmailFailed]) => return noun.to_owned(),
        (false, [status]) => domain::unicode::lowercase(page.labels.label(*status)),
        _ => return noun.to_owned(),
    };
    [&kind, " ", noun].concat()
}

/// "Showing 1 to 25 of 214 current users"
pub(super) fn caption(query: &UsersQuery, page: &UsersPage) -> String {
    let whom = whom(query, page, page.total);
    if page.pages == 1 {
        return ["Showing ", &number(page.total.into()), " ", &whom].concat();
    }
    let more = if page.more { "more than " } else { "" };
    [
        "Showing ",
        &number(page.first_row().into()),
        " to ",
        &number(page.last_row().into()),
        " of ",
        more,
        &number(page.total.into()),
        " ",
        &whom,
    ]
    .concat()
}

/// "Showing 3 users matching “smith”"
pub(super) fn matching(query: &UsersQuery, page: &UsersPage) -> String {
    ["Showing ", &counted(page), " matching “", &query.q, "”"].concat()
}

/// "3 users found"
pub(super) fn found(page: &UsersPage) -> String {
    [&counted(page), " found"].concat()
}

/// "3 users", "more than 500 users"
pub(super) fn counted(page: &UsersPage) -> String {
    let more = if page.more { "more than " } else { "" };
    [more, &plural(page.total.into(), "user", "users")].concat()
}

/// Whether the list is of whoever is looking, and nobody else is there.
pub(super) fn only_you(query: &UsersQuery, page: &UsersPage) -> bool {
    query.q.is_empty() && page.everybody() == 1 && page.rows.iter().all(|row| row.is_self)
}

/// An empty list: why, and what can be done about it (ux 6.27).
pub(super) struct Nobody {
    text: String,
    /// The address that was searched for, when it could be invited.
    invite: Option<String>,
    elsewhere: bool,
}

pub(super) fn nobody(query: &UsersQuery, page: &UsersPage) -> Nobody {
    let searched = !query.q.is_empty();
    let text = if searched {
        ["No users match “", &query.q, "”."].concat()
    } else if page.everybody() == 0 {
        "There are no users yet.".to_owned()
    } else {
        ["There are no ", &whom(query, page, 0), "."].concat()
    };
    let address = EmailAddress::parse(query.q.trim()).ok();
    Nobody {
        text,
        invite: address
            .filter(|_| page.may_invite)
            .map(|address| address.as_str().to_owned()),
        elsewhere: searched && query.statuses().len() < ShownStatus::ALL.len(),
    }
}

impl Nobody {
    pub(super) fn view(self, list: List, query: &UsersQuery, page: &UsersPage) -> AnyView {
        let searched = !query.q.is_empty();
        let filtered = !query.filters().is_empty();
        let add = list.at("/add");
        let link = |href: String, text: String| super::link(href, text, None);
        let mut advice: Vec<AnyView> = Vec::new();
        if searched {
            advice.push(view! { <li>"Check the spelling"</li> }.into_any());
        }
        if filtered {
            advice.push(link(
                list.href(&query.without_filters()),
                "Clear filters".to_owned(),
            ));
        }
        if self.elsewhere {
            let all = list.href(&query.with_all());
            advice.push(link(all, "Search in every status".to_owned()));
        }
        if searched {
            advice.push(link(
                list.href(&query.without_search()),
                "Clear search".to_owned(),
            ));
        }
        if let Some(address) = self.invite {
            advice.push(link(add.clone(), ["Invite ", &address].concat()));
        }
        let advice = (!advice.is_empty())
            .then(|| view! { <ul class="nhsuk-list nhsuk-list--bullet">{advice}</ul> });
        let add = (!searched && !filtered && page.may_invite)
            .then(|| view! { <ButtonLink href=add>"Add users"</ButtonLink> });
        view! {
            <p>{self.text}</p>
            {advice}
            {add}
        }
        .into_any()
    }
}

#[cfg(test)]
mod tests;
