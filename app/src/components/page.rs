//! One page between header and footer: its title, the way back, what went wrong, what was just done, its `h1`.

use super::address::breakable;
use super::error_summary::{ErrorSummary, focus_once};
use super::field::escaped_on_server;
use super::form::use_form;
use super::layout::use_frame;
use super::navigation::{BackLink, Breadcrumb, Link};
use super::panels::SuccessBanner;
use super::undo::UndoButton;
use crate::messages::sentence;
use domain::frame::Frame;
use leptos::{context::Provider, prelude::*, wasm_bindgen::JsCast, web_sys};
use leptos_meta::Title;
use std::cell::RefCell;

/// Sets the title of the document: "{title} – {organisation} – Lanyard", with "Error: " in front while the form
/// of the page was refused (ux 4.5).
#[component]
pub fn PageTitle(
    /// The `h1`, with "(page 2 of 9)" and the like where true.
    #[prop(into)]
    title: Signal<String>,
) -> impl IntoView {
    let form = use_form();
    let frame = use_frame();
    // The server writes the title last, when what the page was made of may be gone already.
    let (was_refused, first) = (
        form.error.with_untracked(Option::is_some),
        title.get_untracked(),
    );
    let text = move || {
        let refused = form.error.try_with(Option::is_some).unwrap_or(was_refused);
        let error = if refused { "Error: " } else { "" };
        let place = frame.try_with(place).unwrap_or_default();
        let title = title.try_get().unwrap_or_else(|| first.clone());
        escaped_on_server([error, &title, &place].concat())
    };
    view! { <Title text/> }
}

/// " – Hollybrook Hospital – Lanyard"
fn place(frame: &Frame) -> String {
    let mut place = String::new();
    if let Some(organisation) = &frame.organisation {
        place.push_str(" – ");
        place.push_str(&organisation.name);
    }
    place.push_str(" – ");
    place.push_str(if frame.service_name.is_empty() {
        "Lanyard"
    } else {
        &frame.service_name
    });
    place
}

/// That a page is around this already: a part of it that cannot be shown is no page of its own.
#[derive(Clone, Copy)]
pub(crate) struct InsidePage;

/// A page. The error summary and the banner of the last action are part of it.
#[component]
pub fn Page(
    /// The `h1`, and the first part of the title of the document.
    #[prop(into)]
    title: String,
    /// The title of the document where it says more than the `h1`.
    #[prop(optional, into)]
    document_title: Option<Signal<String>>,
    /// False where the `h1` is in a label, a legend or a panel.
    #[prop(default = true)]
    heading: bool,
    /// Above the `h1`.
    #[prop(optional, into)]
    caption: Option<String>,
    /// The previous step of a journey.
    #[prop(optional, into)]
    back: Option<String>,
    /// Where this place is; never together with `back`.
    #[prop(optional)]
    breadcrumb: Vec<Link>,
    /// As wide as the page allows: lists and tables. Text and forms keep to two thirds.
    #[prop(optional)]
    wide: bool,
    children: Children,
) -> impl IntoView {
    focus_after_navigation();
    let frame = use_frame();
    let notice = Memo::new(move |_| frame.with(|frame| frame.notice.clone()));
    let banner = move || {
        notice.get().map(|notice| {
            let words = sentence(&notice.code, &notice.params);
            if notice.undo.is_empty() {
                return view! { <SuccessBanner heading=words/> }.into_any();
            }
            view! {
                <SuccessBanner heading=words>
                    <UndoButton change=notice.undo about=notice.back/>
                </SuccessBanner>
            }
            .into_any()
        })
    };
    let document_title = document_title.unwrap_or_else(|| Signal::stored(title.clone()));
    let way_back = if let Some(href) = back {
        // Whatever a page shows is inside a landmark.
        view! { <nav aria-label="Back"><BackLink href/></nav> }.into_any()
    } else if breadcrumb.is_empty() {
        ().into_any()
    } else {
        view! { <Breadcrumb links=breadcrumb/> }.into_any()
    };
    let caption =
        caption.map(|caption| view! { <span class="nhsuk-caption-l">{caption}</span> "\n" });
    let heading =
        heading.then(|| view! { <h1 class="nhsuk-heading-l">{caption} {breakable(title)}</h1> });
    // Only what is inside the page is inside it: what is shown in its place is a page of its own.
    let content = view! {
        <ErrorSummary/>
        {banner}
        {heading}
        <Provider value=InsidePage>{children()}</Provider>
    };
    let content = if wide {
        content.into_any()
    } else {
        view! {
            <div class="nhsuk-grid-row">
                <div class="nhsuk-grid-column-two-thirds">{content}</div>
            </div>
        }
        .into_any()
    };
    view! {
        <PageTitle title=document_title/>
        <div class="nhsuk-width-container">
            {way_back}
            <main class="nhsuk-main-wrapper nhsuk-main-wrapper--s" id="maincontent" tabindex="-1">
                {content}
            </main>
        </div>
    }
}

thread_local! {
    /// The address of the page that has been announced.
    static ANNOUNCED: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Moves the focus after a change of page in the browser: to what went wrong, to what was done, or to the `h1`.
/// The page that the server sent keeps the focus where it is, and so does a page whose data is read again.
fn focus_after_navigation() {
    Effect::new(|_| {
        let path = location().pathname().unwrap_or_default();
        let before = ANNOUNCED.replace(Some(path.clone()));
        if before.is_some_and(|before| before != path) {
            request_animation_frame(focus_news_or_heading);
        }
    });
}

fn focus_news_or_heading() {
    let places = [
        ".nhsuk-error-summary",
        ".nhsuk-notification-banner[role=alert]",
        "#maincontent h1",
        "#maincontent",
    ];
    let found = places
        .into_iter()
        .find_map(|place| document().query_selector(place).ok().flatten());
    if let Some(element) = found.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok())
    {
        focus_once(&element);
        window().scroll_to_with_x_and_y(0.0, 0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::frame::FrameOrganisation;

    /// T-TTL-01: the title names the page, the organisation and the service.
    #[test]
    fn titles_name_the_organisation_and_the_service() {
        let mut frame = Frame::default();
        assert_eq!(place(&frame), " – Lanyard");
        frame.service_name = "Access".to_owned();
        frame.organisation = Some(FrameOrganisation {
            name: "Hollybrook Hospital".to_owned(),
            ..FrameOrganisation::default()
        });
        assert_eq!(place(&frame), " – Hollybrook Hospital – Access");
    }
}
