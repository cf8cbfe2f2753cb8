//! Accepting an invitation (B1 to B7): from the link in the email to the last page.

mod codes;
mod finish;
mod join;
mod landing;

pub use codes::{ChooseCodesMethodPage, CodeNotSentPage, ConfirmCodePage, RecoveryCodesPage};
pub use finish::{RegistrationDonePage, TermsPage};
pub use join::JoinPage;
pub use landing::{AskedForNewOnePage, InvitationPage, NotForMePage, StartAgainPage};

use domain::registration::{RegistrationStep, RegistrationView};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_params_map},
};

use crate::components::{
    Button, Page, PasswordInput, TextInput, UsernameForManagers,
    form::{Form, Post},
    loaded::Loaded,
};
use crate::reading::reading;
use crate::server_fns::registration::{GiveDetails, ReadRegistration};

/// Above the questions of the journey.
const CAPTION: &str = "Accept your invitation";

/// What the address names the invitation by: the token on the first pages, its id on the others.
fn invitation() -> String {
    use_params_map()
        .with_untracked(|params| params.get("invitation"))
        .unwrap_or_default()
}

/// The address of a page of this invitation.
fn address(page: &str) -> String {
    ["/invitations/", &invitation(), "/", page].concat()
}

/// Leads to another page of the journey.
#[component]
fn GoTo(#[prop(into)] path: String) -> impl IntoView {
    #[cfg(feature = "ssr")]
    crate::server_fns::redirect(&path);
    let navigate = use_navigate();
    Effect::new(move |_| {
        let options = NavigateOptions {
            replace: true,
            ..Default::default()
        };
        navigate(&path, options);
    });
}

/// Where the journey stands, when that is not this page or one after it (R30): there is no way to
/// a page whose turn has not come, nor back from the end.
fn elsewhere(step: RegistrationStep, page: RegistrationStep) -> Option<AnyView> {
    let at = |step| {
        RegistrationStep::ALL
            .iter()
            .position(|other| *other == step)
    };
    let wrong = at(step) < at(page) || step == RegistrationStep::Done;
    (wrong && step != page).then(|| view! { <GoTo path=address(step.as_str())/> }.into_any())
}

/// Names, mobile number and password (B2).
#[component]
pub fn YourDetailsPage() -> impl IntoView {
    let resource = reading(|| ReadRegistration {
        invitation: invitation(),
    });
    let view = |view: RegistrationView| {
        if view.joining {
            return view! { <GoTo path=address("join")/> }.into_any();
        }
        elsewhere(view.step, RegistrationStep::Details)
            .unwrap_or_else(|| view! { <Details view/> }.into_any())
    };
    view! { <Loaded resource view/> }
}

#[component]
fn Details(view: RegistrationView) -> impl IntoView {
    let action = Post::<GiveDetails>::new();
    let email = view.rules.email.as_str().to_owned();
    let hint = [
        "Use ",
        &view.rules.password_min.to_string(),
        " characters or more. 3 random words work well.",
    ]
    .concat();
    let mobile_hint = if view.privileged {
        "Your organisation asks for this"
    } else {
        "We will only use this to send you codes"
    };
    let mobile = view.rules.asks_mobile.then(|| {
        view! {
            <TextInput
                name="mobile"
                label=if view.rules.mobile_required {
                    "Mobile phone number"
                } else {
                    "Mobile phone number (optional)"
                }
                hint=mobile_hint
                kind="tel"
                autocomplete="tel"
                width=20
                value=view.mobile
            />
        }
    });
    view! {
        <Page title="Your details" caption=CAPTION>
            <Form action>
                <TextInput
                    name="first_name"
                    label="First name"
                    autocomplete="given-name"
                    no_spellcheck=true
                    class="nhsuk-u-width-two-thirds"
                    value=view.first_name
                />
                <TextInput
                    name="last_name"
                    label="Last name"
                    autocomplete="family-name"
                    no_spellcheck=true
                    class="nhsuk-u-width-two-thirds"
                    value=view.last_name
                />
                <div class="nhsuk-form-group">
                    <p class="nhsuk-label">"Email address"</p>
                    <p class="nhsuk-hint">"Your invitation is for this address, so it cannot be changed"</p>
                    <p class="nhsuk-u-margin-bottom-0">{email.clone()}</p>
                </div>
                {mobile}
                <UsernameForManagers email/>
                <PasswordInput
                    name="password"
                    label="Create a password"
                    hint
                    autocomplete="new-password"
                />
                <Button>"Continue"</Button>
            </Form>
        </Page>
    }
}
