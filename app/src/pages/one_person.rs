//! Adding one person (D3), page by page.

mod access;
mod check;
mod details;
mod done;
mod email;
mod existing;

pub use access::{AddAreasPage, AddDatesPage, AddRolePage};
pub use check::AddCheckPage;
pub use details::AddDetailsPage;
pub use done::AddedPage;
pub use email::{AddAddressPage, AddEmailPage};
pub use existing::ExistingPersonPage;

use domain::one_person::AddStep;
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

/// The journey's name above its questions.
const CAPTION: &str = "Add a user";

/// The organisation and the draft of a page of the journey.
#[derive(Clone)]
struct Journey {
    org: String,
    draft: String,
}

fn journey() -> Journey {
    let param =
        |name: &str| use_params_map().with_untracked(|params| params.get(name).unwrap_or_default());
    Journey {
        org: param("org"),
        draft: param("draft"),
    }
}

/// Which role a page asks about, as it stands in its address.
fn number() -> String {
    use_query_map()
        .with_untracked(|query| query.get("number"))
        .unwrap_or_default()
}

impl Journey {
    fn page(&self, step: AddStep) -> String {
        let Self { org, draft } = self;
        ["/o/", org, "/users/add/", draft, "/", step.as_str()].concat()
    }

    /// The page that asks about one of the roles.
    fn page_about(&self, step: AddStep, number: u32) -> String {
        let page = self.page(step);
        if number > 1 {
            [&page, "?number=", &number.to_string()].concat()
        } else {
            page
        }
    }

    fn users(&self) -> String {
        ["/o/", &self.org, "/users"].concat()
    }

    /// What every form of the journey posts.
    fn hidden(&self) -> AnyView {
        view! {
            <input type="hidden" name="org" value=self.org.clone()/>
            <input type="hidden" name="draft" value=self.draft.clone()/>
        }
        .into_any()
    }

    /// The same on the pages about one of the roles.
    fn hidden_with(&self, number: u32) -> AnyView {
        view! {
            {self.hidden()}
            <input type="hidden" name="number" value=number.to_string()/>
        }
        .into_any()
    }

    /// The way out, after the button (J23).
    fn cancel(&self) -> AnyView {
        view! { <p><a href=self.users()>"Cancel adding this user"</a></p> }.into_any()
    }
}
