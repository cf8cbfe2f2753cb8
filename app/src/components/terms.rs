//! Terms of use in full (B5, B16).

use domain::{
    terms::{TermsBlock, TermsDocument},
    wording::day,
};
use leptos::prelude::*;

/// A document as headings, paragraphs and lists, with its version, date and approver (A20).
#[component]
pub fn TermsText(document: TermsDocument) -> impl IntoView {
    let blocks: Vec<AnyView> = document
        .blocks()
        .into_iter()
        .map(|block| match block {
            TermsBlock::Heading(text) => {
                view! { <h3 class="nhsuk-heading-s">{text}</h3> }.into_any()
            }
            TermsBlock::Paragraph(text) => view! { <p>{text}</p> }.into_any(),
            TermsBlock::List(items) => {
                let items: Vec<AnyView> = items
                    .into_iter()
                    .map(|item| view! { <li>{item}</li> }.into_any())
                    .collect();
                view! { <ul class="nhsuk-list nhsuk-list--bullet">{items}</ul> }.into_any()
            }
        })
        .collect();
    let facts = [
        "Version ",
        &document.version,
        ", approved by the ",
        &domain::unicode::uncapitalised(&document.approved_by),
        ", ",
        &day(document.approved_on),
    ]
    .concat();
    view! {
        <h2 class="nhsuk-heading-m">{document.title}</h2>
        <p class="nhsuk-body-s">{facts}</p>
        {blocks}
    }
}
