//! The few pictures of the interface. None says anything that words do not say beside it.

use leptos::prelude::*;

/// The path of an icon on a canvas of 24 by 24.
#[derive(Clone, Copy)]
pub(crate) enum Icon {
    ArrowLeft,
    ArrowRight,
    Search,
    User,
    Tick,
    Cross,
}

impl Icon {
    const fn name(self) -> &'static str {
        match self {
            Self::ArrowLeft => "nhsuk-icon nhsuk-icon--arrow-left",
            Self::ArrowRight => "nhsuk-icon nhsuk-icon--arrow-right",
            Self::Search => "nhsuk-icon nhsuk-icon--search",
            Self::User => "nhsuk-icon nhsuk-icon--user",
            Self::Tick => "nhsuk-icon nhsuk-icon--tick",
            Self::Cross => "nhsuk-icon nhsuk-icon--cross",
        }
    }

    const fn path(self) -> &'static str {
        match self {
            Self::ArrowLeft => {
                "M10.7 6.3c.4.4.4 1 0 1.4L7.4 11H19a1 1 0 0 1 0 2H7.4l3.3 3.3c.4.4.4 1 0 1.4a1 1 0 0 1-1.4 0l-5-5A1 1 0 0 1 4 12c0-.3.1-.5.3-.7l5-5a1 1 0 0 1 1.4 0Z"
            }
            Self::ArrowRight => {
                "m14.7 6.3 5 5c.2.2.3.4.3.7 0 .3-.1.5-.3.7l-5 5a1 1 0 0 1-1.4-1.4l3.3-3.3H5a1 1 0 0 1 0-2h11.6l-3.3-3.3a1 1 0 1 1 1.4-1.4Z"
            }
            Self::Search => {
                "m20.7 18.9-4.1-4.1a7 7 0 1 0-1.4 1.4l4 4.1a1 1 0 0 0 1.5 0c.4-.4.4-1 0-1.4ZM6 10.6a5 5 0 1 1 10 0 5 5 0 0 1-10 0Z"
            }
            Self::User => {
                "M12 1a11 11 0 1 1 0 22 11 11 0 0 1 0-22Zm0 2a9 9 0 0 0-5 16.5V18a4 4 0 0 1 4-4h2a4 4 0 0 1 4 4v1.5A9 9 0 0 0 12 3Zm0 3a3.5 3.5 0 1 1-3.5 3.5A3.4 3.4 0 0 1 12 6Z"
            }
            Self::Tick => {
                "M11.4 17.5a2 2 0 0 1-2.7.1h-.1L4 12.8a1.5 1.5 0 0 1 2.1-2L10 14.7l8.1-8.1a1.5 1.5 0 1 1 2.2 2l-8.9 9Z"
            }
            Self::Cross => {
                "M17 18.5c-.4 0-.8-.1-1.1-.4l-10-10c-.6-.6-.6-1.6 0-2.1.6-.6 1.5-.6 2.1 0l10 10c.6.6.6 1.5 0 2.1-.3.3-.6.4-1 .4z M7 18.5c-.4 0-.8-.1-1.1-.4-.6-.6-.6-1.5 0-2.1l10-10c.6-.6 1.5-.6 2.1 0 .6.6.6 1.5 0 2.1l-10 10c-.3.3-.6.4-1 .4z"
            }
        }
    }

    pub(crate) fn view(self) -> AnyView {
        view! {
            <svg
                class=self.name()
                xmlns="http://www.w3.org/2000/svg"
                viewBox="0 0 24 24"
                width="16"
                height="16"
                focusable="false"
                aria-hidden="true"
            >
                <path d=self.path()></path>
            </svg>
        }
        .into_any()
    }
}
