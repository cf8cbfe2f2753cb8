//! The start page.
use leptos::prelude::*;

/// Says what this is and gets people to the right door (A1).
#[component]
pub fn StartPage() -> impl IntoView {
    view! { <h1>"Manage who can use your services"</h1> }
}
