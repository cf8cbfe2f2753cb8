//! A forgotten password (A6, A7).

use domain::sign_in::{ForgotPasswordForm, ResetPasswordForm, ResetRules};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::components::{
    Button, ButtonLink, Page, PasswordInput, TextInput, UsernameForManagers,
    form::{Fields, Form, Post},
    loaded::{Instead, Loaded},
};
use crate::error::AppError;
use crate::reading::reading;
use crate::server_fns::password_reset::{ReadPasswordReset, RequestPasswordReset, ResetPassword};

/// Asks for the address. What happens then looks the same for every address (R31).
#[component]
pub fn ForgotPasswordPage() -> impl IntoView {
    let action = Post::<RequestPasswordReset>::new();
    view! {
        <Page title="Forgotten password" back="/sign-in">
            <p>"Enter the email address that you sign in with. We will email you a link to choose a new password."</p>
            <Form
                action
                validate=|post: &Fields| {
                    ForgotPasswordForm { email: post.text("email") }.validate().map(drop)
                }
            >
                <TextInput
                    name="email"
                    label="Email address"
                    kind="email"
                    autocomplete="username"
                    class="nhsuk-u-width-two-thirds"
                />
                <Button>"Continue"</Button>
            </Form>
        </Page>
    }
}

/// Always the same, whether or not there was anything to send.
#[component]
pub fn CheckYourEmailPage() -> impl IntoView {
    view! {
        <Page title="Check your email">
            <p>"If your email address has an account, we have sent you a link to choose a new password."</p>
            <p>"It can take a few minutes. The link works for 1 hour."</p>
            <p>
                "If you do not get an email, check your spam folder, or "
                <a href="/forgot-password">"enter your email address again"</a>
                "."
            </p>
        </Page>
    }
}

fn token() -> String {
    use_params_map()
        .with_untracked(|params| params.get("token"))
        .unwrap_or_default()
}

/// Asks for the new password. Opening the page uses nothing up (R18).
#[component]
pub fn ResetPasswordPage() -> impl IntoView {
    let resource = reading(|| ReadPasswordReset { token: token() });
    let instead: Instead =
        |error| matches!(error, AppError::Expired(_)).then(|| view! { <LinkExpired/> }.into_any());
    view! {
        <Loaded
            resource
            view=|rules| view! { <NewPassword token=token() rules/> }.into_any()
            instead
        />
    }
}

#[component]
fn NewPassword(token: String, rules: ResetRules) -> impl IntoView {
    let action = Post::<ResetPassword>::new();
    let hint = format!(
        "Use {} characters or more. 3 random words work well.",
        rules.password_min
    );
    view! {
        <Page title="Choose a new password">
            <Form
                action
                validate=|post: &Fields| {
                    let form = ResetPasswordForm { new_password: post.text("new_password") };
                    // The shortest length that any organisation allows; the server knows the rest.
                    form.validate(12, &[]).map(drop)
                }
            >
                <input type="hidden" name="token" value=token/>
                <UsernameForManagers email=rules.email/>
                <PasswordInput
                    name="new_password"
                    label="New password"
                    hint
                    autocomplete="new-password"
                />
                <Button>"Change password"</Button>
            </Form>
        </Page>
    }
}

#[component]
fn LinkExpired() -> impl IntoView {
    #[cfg(feature = "ssr")]
    crate::server_fns::set_status(AppError::Expired(String::new()).status());
    view! {
        <Page title="This link has expired">
            <p>"Links to choose a new password work once, and for 1 hour."</p>
            <ButtonLink href="/forgot-password">"Send a new link"</ButtonLink>
        </Page>
    }
}
