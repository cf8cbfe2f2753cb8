//! The warning before a session ends (ux 6.24, A-09). It stands in every document, closed, and is no part of the
//! application: `frontend` opens it and fills in the time. Without wasm the server ends the session, and keeps what
//! is posted next.

#[cfg(feature = "ssr")]
use super::layout::SIGN_OUT;
use crate::messages::plural;
#[cfg(feature = "ssr")]
use leptos::prelude::*;

/// The time left in words: "2 minutes", and in the last minute "45 seconds".
pub fn countdown(seconds: u64) -> String {
    if seconds >= 60 {
        plural(seconds.div_ceil(60), "minute", "minutes")
    } else {
        plural(seconds, "second", "seconds")
    }
}

/// The dialog as it stands in the document.
#[cfg(feature = "ssr")]
#[component]
pub fn TimeoutDialog() -> impl IntoView {
    view! {
        <dialog class="app-dialog" id="timeout" aria-labelledby="timeout-title" aria-describedby="timeout-text">
            <h2 class="nhsuk-heading-m" id="timeout-title">"You are about to be signed out"</h2>
            <p id="timeout-text">
                "For your security, we will log you out in "
                <span class="app-nowrap" id="timeout-left">{countdown(120)}</span>
                ". Your answers so far are saved."
            </p>
            <div class="nhsuk-u-visually-hidden" aria-live="assertive" id="timeout-spoken"></div>
            <div class="nhsuk-button-group">
                <button class="nhsuk-button" type="button" id="timeout-stay" autofocus=true>
                    "Stay signed in"
                </button>
                <form action=SIGN_OUT method="post">
                    <button class="app-button-link">"Sign out"</button>
                </form>
            </div>
        </dialog>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// the time left in words that change when they have to.
    #[test]
    fn the_time_left_in_words() {
        let words: Vec<_> = [120, 119, 61, 60, 59, 1].map(countdown).into();
        assert_eq!(
            words,
            [
                "2 minutes",
                "2 minutes",
                "2 minutes",
                "1 minute",
                "59 seconds",
                "1 second"
            ]
        );
    }
}
