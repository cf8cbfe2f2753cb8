//! The question where somebody gets access, as a page of a journey (6.2, 6.16).

use domain::{Violations, area::AreasQuestion as Question};
use leptos::prelude::*;
use leptos::server_fn::{
    Http, ServerFn,
    codec::{Json, PostUrl},
};

use super::{
    AreaPicker, Button, Page,
    form::{Fields, Form, Post},
};
use crate::error::AppError;

/// "Select all that apply. Selecting a ward includes everything inside it."
pub fn areas_hint(area_label: &str) -> String {
    let article = if area_label.starts_with(['a', 'e', 'i', 'o', 'u']) {
        "an "
    } else {
        "a "
    };
    [
        "Select all that apply. Selecting ",
        article,
        area_label,
        " includes everything inside it.",
    ]
    .concat()
}

/// The page. Something has to be selected: "all" is an answer of its own.
#[component]
pub fn AreasQuestion<S>(
    action: Post<S>,
    #[prop(default = "Where do they need access?")] title: &'static str,
    /// The journey's name.
    #[prop(into)]
    caption: String,
    hint: String,
    question: Question,
    back: String,
    /// What the journey posts with every answer.
    hidden: AnyView,
    /// The way out, after the button.
    cancel: AnyView,
) -> impl IntoView
where
    S: ServerFn<Protocol = Http<PostUrl, Json>, Output = (), Error = AppError> + 'static,
{
    let all_of = if question.whole_offered {
        question.organisation_name
    } else {
        String::new()
    };
    let all_offered = question.offered.len() == question.tree.len();
    view! {
        <Page title heading=false back>
            <Form
                action
                validate=|post: &Fields| {
                    if !post.has("areas[]") {
                        return Err(Violations::one("areas", "areas.empty"));
                    }
                    Ok(())
                }
            >
                {hidden}
                <AreaPicker
                    name="areas[]"
                    legend=title
                    caption
                    hint
                    tree=question.tree
                    all_of
                    manageable=(!all_offered).then_some(question.offered)
                    checked=question.chosen
                />
                <Button>"Continue"</Button>
            </Form>
            {cancel}
        </Page>
    }
}
