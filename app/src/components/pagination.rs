//! Numbered pages: first, last, current and one at each side (ux 6.12).

use super::icon::Icon;
use domain::listing::{PageItem, page_window};
use leptos::prelude::*;

/// Nothing when there is 1 page.
#[component]
pub fn Pagination(
    /// From 1.
    page: u32,
    pages: u32,
    /// The address of a page.
    #[prop(into)]
    href: Callback<u32, String>,
) -> impl IntoView {
    let window = page_window(page, pages);
    if window.is_empty() {
        return None;
    }
    let items: Vec<AnyView> = window
        .into_iter()
        .map(|item| match item {
            PageItem::Gap => {
                view! { <li class="nhsuk-pagination__item nhsuk-pagination__item--ellipsis">"⋯"</li> }.into_any()
            }
            PageItem::Page(number) => {
                let current = number == page;
                let class = if current {
                    "nhsuk-pagination__item nhsuk-pagination__item--current"
                } else {
                    "nhsuk-pagination__item"
                };
                let words = number.to_string();
                let label = ["Page ", &words].concat();
                view! {
                    <li class=class>
                        <a
                            class="nhsuk-pagination__link"
                            href=href.run(number)
                            aria-label=label
                            aria-current=current.then_some("page")
                        >
                            {words}
                        </a>
                    </li>
                }
                .into_any()
            }
        })
        .collect();
    let previous = (page > 1).then(|| {
        view! {
            <a href=href.run(page - 1) class="nhsuk-pagination__previous" rel="prev">
                {Icon::ArrowLeft.view()}
                <span class="nhsuk-pagination__title">
                    "Previous"<span class="nhsuk-u-visually-hidden">" page"</span>
                </span>
            </a>
        }
    });
    let next = (page < pages).then(|| {
        view! {
            <a href=href.run(page + 1) class="nhsuk-pagination__next" rel="next">
                <span class="nhsuk-pagination__title">
                    "Next"<span class="nhsuk-u-visually-hidden">" page"</span>
                </span>
                {Icon::ArrowRight.view()}
            </a>
        }
    });
    Some(view! {
        <nav class="nhsuk-pagination nhsuk-pagination--numbered" role="navigation" aria-label="Pagination">
            {previous} <ul class="nhsuk-pagination__list">{items}</ul> {next}
        </nav>
    })
}

/// The two ways along a list that has no numbers, because nobody counts it. Nothing when there is 1 page.
#[component]
pub fn NewerOlder(
    newer: Option<String>,
    older: Option<String>,
    /// What is listed: "activity".
    what: &'static str,
) -> impl IntoView {
    if newer.is_none() && older.is_none() {
        return None;
    }
    let title = |words: &'static str| {
        view! {
            <span class="nhsuk-pagination__title">
                {words}<span class="nhsuk-u-visually-hidden">" "{what}</span>
            </span>
        }
    };
    let newer = newer.map(|href| {
        view! {
            <a href=href class="nhsuk-pagination__previous" rel="prev">
                {Icon::ArrowLeft.view()} {title("Newer")}
            </a>
        }
    });
    let older = older.map(|href| {
        view! {
            <a href=href class="nhsuk-pagination__next" rel="next">
                {title("Older")} {Icon::ArrowRight.view()}
            </a>
        }
    });
    Some(view! {
        <nav class="nhsuk-pagination nhsuk-pagination--numbered" role="navigation" aria-label="Pagination">
            {newer} {older}
        </nav>
    })
}
