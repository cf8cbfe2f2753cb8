//! Tags: one status in a word, never by its colour alone.

use super::field::join;
use domain::ShownStatus;
use leptos::prelude::*;

/// A tag. `class` is a colour such as `nhsuk-tag--blue`.
#[component]
pub fn Tag(#[prop(optional)] class: &'static str, #[prop(into)] text: String) -> impl IntoView {
    view! { <strong class=join("nhsuk-tag", class)>{text}</strong> }
}

/// The status of a membership (ux 5.1, B17 to B20). `label` is the organisation's own word, where its policy
/// has one; otherwise the usual word stands.
#[component]
pub fn StatusTag(status: ShownStatus, #[prop(optional, into)] label: String) -> impl IntoView {
    let text = if label.is_empty() {
        status_word(status).to_owned()
    } else {
        label
    };
    view! { <Tag class=status.tag_class() text/> }
}

/// The usual word for a status.
pub const fn status_word(status: ShownStatus) -> &'static str {
    match status {
        ShownStatus::Active => "Active",
        ShownStatus::Pending => "Pending",
        ShownStatus::Expired => "Expired",
        ShownStatus::Inactive => "Inactive",
        ShownStatus::EmailFailed => "Email failed",
        ShownStatus::Cancelled => "Cancelled",
    }
}
