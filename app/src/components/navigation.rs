//! Ways around: skip link, back link, breadcrumb, the pages of one section.

use super::error_summary::focus_once;
use leptos::{prelude::*, wasm_bindgen::JsCast, web_sys};

/// The first stop of the Tab key on every page.
#[component]
pub fn SkipLink() -> impl IntoView {
    let skip = |event: leptos::ev::MouseEvent| {
        let main = document().get_element_by_id("maincontent");
        if let Some(main) = main.and_then(|main| main.dyn_into::<web_sys::HtmlElement>().ok()) {
            event.prevent_default();
            focus_once(&main);
        }
    };
    view! {
        <a class="nhsuk-skip-link" data-module="nhsuk-skip-link" href="#maincontent" on:click=skip>
            "Skip to main content"
        </a>
    }
}

/// To the previous step, by its address: answers stay, and it never depends on the history.
#[component]
pub fn BackLink(
    #[prop(into)] href: String,
    #[prop(default = "Back".into(), into)] text: String,
) -> impl IntoView {
    view! { <a class="nhsuk-back-link" href=href>{text}</a> }
}

/// Words and address of a link.
#[derive(Clone, Debug)]
pub struct Link {
    pub text: String,
    pub href: String,
}

impl Link {
    pub fn new(text: impl Into<String>, href: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            href: href.into(),
        }
    }
}

/// Where a place 3 levels deep is. Small screens show a back link to the last of them instead.
#[component]
pub fn Breadcrumb(links: Vec<Link>) -> impl IntoView {
    let last = links.last().cloned().map(|link| {
        view! {
            <a class="nhsuk-back-link" href=link.href>
                <span class="nhsuk-u-visually-hidden">"Back to "</span>
                {link.text}
            </a>
        }
    });
    let items: Vec<AnyView> = links
        .into_iter()
        .map(|link| {
            view! {
                <li class="nhsuk-breadcrumb__list-item">
                    <a class="nhsuk-breadcrumb__link" href=link.href>
                        {link.text}
                    </a>
                </li>
            }
            .into_any()
        })
        .collect();
    view! {
        <nav class="nhsuk-breadcrumb" aria-label="Breadcrumb">
            <ol class="nhsuk-breadcrumb__list">{items}</ol>
            {last}
        </nav>
    }
}

/// A link of a navigation, which may be where the person is.
#[derive(Clone, Debug)]
pub struct NavigationItem {
    pub text: String,
    pub href: String,
    pub current: bool,
}

impl NavigationItem {
    pub fn new(text: impl Into<String>, href: impl Into<String>, current: bool) -> Self {
        Self {
            text: text.into(),
            href: href.into(),
            current,
        }
    }

    pub(crate) const fn aria_current(&self) -> Option<&'static str> {
        if self.current { Some("page") } else { None }
    }
}

/// The pages of one section, or the views of one list.
#[component]
pub fn SecondaryNavigation(
    /// What the links have in common: "Users by status", "Jane Carlton".
    #[prop(into)]
    label: String,
    items: Vec<NavigationItem>,
) -> impl IntoView {
    let items: Vec<AnyView> = items
        .into_iter()
        .map(|item| {
            let current = item.aria_current();
            view! {
                <li class="app-secondary-nav__item">
                    <a class="app-secondary-nav__link" href=item.href aria-current=current>
                        {item.text}
                    </a>
                </li>
            }
            .into_any()
        })
        .collect();
    view! {
        <nav class="app-secondary-nav" aria-label=label>
            <ul class="app-secondary-nav__list">{items}</ul>
        </nav>
    }
}
