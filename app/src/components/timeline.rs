//! What happened, newest first, by day (ux 6.32).

use chrono::{DateTime, NaiveDate, Utc};
use domain::wording::{date_and_time, day, london, machine};
use leptos::prelude::*;

/// One thing that happened.
pub struct TimelineItem {
    pub title: String,
    /// The page that has more about it; empty for none.
    pub href: String,
    /// Empty when nobody did it: it happened by itself.
    pub by: String,
    pub at: DateTime<Utc>,
    /// Empty when the title says everything.
    pub text: String,
    /// What can be done about it: the form with its Undo button (ux 6.5).
    pub action: Option<AnyView>,
}

/// The items, as given: newest first. With `days` each day has its heading.
#[component]
pub fn Timeline(items: Vec<TimelineItem>, #[prop(default = true)] days: bool) -> impl IntoView {
    if !days {
        return list(items);
    }
    let mut groups: Vec<(NaiveDate, Vec<TimelineItem>)> = Vec::new();
    for item in items {
        let date = london(item.at).date();
        match groups.last_mut() {
            Some((last, group)) if *last == date => group.push(item),
            _ => groups.push((date, vec![item])),
        }
    }
    let groups: Vec<AnyView> = groups
        .into_iter()
        .map(|(date, items)| {
            view! { <h2 class="nhsuk-heading-s">{day(date)}</h2> {list(items)} }.into_any()
        })
        .collect();
    groups.into_any()
}

fn list(items: Vec<TimelineItem>) -> AnyView {
    let items: Vec<AnyView> = items
        .into_iter()
        .map(|item| {
            let by = (!item.by.is_empty())
                .then(|| view! { <p class="app-timeline__byline">"by " {item.by}</p> });
            let text = (!item.text.is_empty())
                .then(|| view! { <div class="app-timeline__text">{item.text}</div> });
            let title = if item.href.is_empty() {
                item.title.into_any()
            } else {
                view! { <a href=item.href>{item.title}</a> }.into_any()
            };
            view! {
                <li class="app-timeline__item">
                    <h3 class="app-timeline__title">{title}</h3>
                    {by}
                    <p class="app-timeline__date"><Moment at=item.at/></p>
                    {text}
                    {item.action}
                </li>
            }
            .into_any()
        })
        .collect();
    view! { <ol class="app-timeline">{items}</ol> }.into_any()
}

/// A moment, for people and for machines.
#[component]
pub fn Moment(at: DateTime<Utc>) -> impl IntoView {
    view! { <time datetime=machine(at)>{date_and_time(at)}</time> }
}
