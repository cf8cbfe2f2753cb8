//! Answers and facts, with the links that change them; alone or in a card.

use super::field::{Text, join};
use leptos::prelude::*;

/// A link of a row or a card. The hidden words say what it is about: "Change" + " email address".
struct Action {
    text: String,
    href: String,
    about: String,
}

impl Action {
    fn view(self) -> AnyView {
        let about = [" ", &self.about].concat();
        view! {
            <a class="nhsuk-link" href=self.href>
                {self.text}
                <span class="nhsuk-u-visually-hidden">{about}</span>
            </a>
        }
        .into_any()
    }
}

/// One row.
pub struct SummaryRow {
    key: Text,
    value: Text,
    actions: Vec<Action>,
}

impl SummaryRow {
    pub fn new(key: impl Into<Text>, value: impl Into<Text>) -> Self {
        Self {
            key: key.into(),
            value: value.into(),
            actions: Vec::new(),
        }
    }

    /// "Change", with what it changes for those who do not see the row.
    pub fn change(self, href: impl Into<String>, about: impl Into<String>) -> Self {
        self.action("Change", href, about)
    }

    pub fn action(
        mut self,
        text: impl Into<String>,
        href: impl Into<String>,
        about: impl Into<String>,
    ) -> Self {
        self.actions.push(Action {
            text: text.into(),
            href: href.into(),
            about: about.into(),
        });
        self
    }

    fn view(mut self, beside_actions: bool) -> AnyView {
        let class = if beside_actions && self.actions.is_empty() {
            "nhsuk-summary-list__row nhsuk-summary-list__row--no-actions"
        } else {
            "nhsuk-summary-list__row"
        };
        let links = match self.actions.len() {
            0 => None,
            1 => self.actions.pop().map(Action::view),
            _ => {
                let items: Vec<AnyView> = self
                    .actions
                    .into_iter()
                    .map(|action| {
                        view! { <li class="nhsuk-summary-list__actions-list-item">{action.view()}</li> }.into_any()
                    })
                    .collect();
                Some(view! { <ul class="nhsuk-summary-list__actions-list">{items}</ul> }.into_any())
            }
        };
        view! {
            <div class=class>
                <dt class="nhsuk-summary-list__key">{self.key.into_option()}</dt>
                <dd class="nhsuk-summary-list__value">{self.value.into_option()}</dd>
                {links.map(|links| view! { <dd class="nhsuk-summary-list__actions">{links}</dd> })}
            </div>
        }
        .into_any()
    }
}

/// Several lines of a value, one under the other.
pub fn lines(lines: impl IntoIterator<Item = String>) -> Text {
    let lines: Vec<AnyView> = lines
        .into_iter()
        .enumerate()
        .map(|(index, line)| {
            let line_break = (index > 0).then(|| view! { <br/> });
            view! { {line_break} {line} }.into_any()
        })
        .collect();
    lines.into_any().into()
}

/// A list of rows.
#[component]
pub fn SummaryList(
    rows: Vec<SummaryRow>,
    /// "", `no-border` or `no-last-row-border`.
    #[prop(optional)]
    modifier: &'static str,
) -> impl IntoView {
    let has_actions = rows.iter().any(|row| !row.actions.is_empty());
    let modifier = if modifier.is_empty() {
        String::new()
    } else {
        ["nhsuk-summary-list--", modifier].concat()
    };
    let rows: Vec<AnyView> = rows.into_iter().map(|row| row.view(has_actions)).collect();
    view! { <dl class=join("nhsuk-summary-list", &modifier)>{rows}</dl> }
}

/// A link in the head of a card.
pub struct CardAction {
    pub text: String,
    pub href: String,
}

/// A part of a page with its own heading.
#[component]
pub fn Card(
    #[prop(into)] heading: String,
    /// The level of the heading: 2, or 3 inside a section.
    #[prop(default = 2)]
    level: u8,
    /// "", "s" or "m".
    #[prop(optional)]
    heading_size: &'static str,
    #[prop(optional)] feature: bool,
    #[prop(optional)] actions: Vec<CardAction>,
    children: Children,
) -> impl IntoView {
    let class = if feature {
        "nhsuk-card nhsuk-card--feature"
    } else {
        "nhsuk-card"
    };
    let heading_view = card_heading(level, heading_size, heading.clone().into_any());
    if actions.is_empty() {
        return view! {
            <div class=class>
                <div class="nhsuk-card__content">{heading_view} {children()}</div>
            </div>
        }
        .into_any();
    }
    let actions: Vec<AnyView> = actions
        .into_iter()
        .map(|action| {
            let about = [" (", &heading, ")"].concat();
            view! {
                <li class="nhsuk-card__action">
                    <a class="nhsuk-link" href=action.href>
                        {action.text}
                        <span class="nhsuk-u-visually-hidden">{about}</span>
                    </a>
                </li>
            }
            .into_any()
        })
        .collect();
    view! {
        <div class=class>
            <div class="nhsuk-card__heading-container">
                {heading_view} <ul class="nhsuk-card__actions">{actions}</ul>
            </div>
            <div class="nhsuk-card__content">{children()}</div>
        </div>
    }
    .into_any()
}

/// A card that leads somewhere as a whole.
#[component]
pub fn LinkCard(
    #[prop(into)] heading: String,
    #[prop(into)] href: String,
    #[prop(optional, into)] description: String,
    #[prop(default = 2)] level: u8,
    #[prop(default = "m")] heading_size: &'static str,
) -> impl IntoView {
    let link = view! { <a class="nhsuk-card__link" href=href>{heading}</a> };
    let description = (!description.is_empty())
        .then(|| view! { <p class="nhsuk-card__description">{description}</p> });
    view! {
        <div class="nhsuk-card nhsuk-card--clickable">
            <div class="nhsuk-card__content">
                {card_heading(level, heading_size, link.into_any())} {description}
            </div>
        </div>
    }
}

fn card_heading(level: u8, size: &str, inside: AnyView) -> AnyView {
    let class = if size.is_empty() {
        "nhsuk-card__heading".to_owned()
    } else {
        ["nhsuk-card__heading nhsuk-heading-", size].concat()
    };
    match level {
        3 => view! { <h3 class=class>{inside}</h3> }.into_any(),
        4 => view! { <h4 class=class>{inside}</h4> }.into_any(),
        _ => view! { <h2 class=class>{inside}</h2> }.into_any(),
    }
}
