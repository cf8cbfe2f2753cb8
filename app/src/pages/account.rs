//! A person's own account (K), and choosing the organisation to act in (C1).

mod access;
mod activity;
mod changes;
mod email;
mod mobile;
mod security;
mod sessions;
mod step_up;

pub use access::{LeavePage, OwnAccessPage};
pub use activity::OwnActivityPage;
pub use changes::{NewTermsPage, OwnNamePage, OwnPasswordPage};
pub use email::{EmailCodesPage, OwnEmailPage};
pub use mobile::{MobileCodePage, OwnMobilePage};
pub use security::{OwnAppPage, OwnRecoveryCodesPage, OwnSecurityPage};
pub use sessions::DevicesPage;
pub use step_up::{ConfirmPasswordPage, StepUpCodePage};

use domain::{
    SecondFactorKind,
    account::{
        Account, AccountOrganisation, AccountRole, ChooseOrganisationForm, OrganisationChoices,
    },
};
use leptos::prelude::*;

use super::sign_in::return_to;
use crate::components::{
    Button, Choice, Page, Radios, SummaryList, SummaryRow, breakable,
    form::{Fields, Form, Post},
    lines,
    loaded::Loaded,
};
use crate::messages::plural;
use crate::reading::reading;
use crate::server_fns::account::{ChooseOrganisation, ReadAccount, ReadOrganisations};

/// What is known about the person, as it is.
#[component]
pub fn AccountPage() -> impl IntoView {
    let resource = reading(|| ReadAccount {});
    view! { <Loaded resource view=|account| view! { <AccountDetails account/> }.into_any()/> }
}

#[component]
fn AccountDetails(account: Account) -> impl IntoView {
    let mobile = if account.mobile_ending.is_empty() {
        "Not provided".to_owned()
    } else {
        ["Ending ", &account.mobile_ending].concat()
    };
    let factors = if account.second_factors.is_empty() {
        "Not set up".into()
    } else {
        lines(
            account
                .second_factors
                .iter()
                .map(|kind| words_of(*kind).to_owned()),
        )
    };
    let codes = plural(
        u64::from(account.recovery_codes_left),
        "code left",
        "codes left",
    );
    let person = vec![
        SummaryRow::new("Name", account.name).change("/account/name", "name"),
        SummaryRow::new("Email address", breakable(account.email))
            .change("/account/email", "email address"),
        SummaryRow::new("Mobile phone number", mobile)
            .change("/account/mobile-number", "mobile phone number"),
        SummaryRow::new("Password", "••••••••").change("/account/password", "password"),
        SummaryRow::new("2-step sign in", factors).change("/account/security", "2-step sign in"),
        SummaryRow::new("Recovery codes", codes)
            .change("/account/security/recovery-codes", "recovery codes"),
        SummaryRow::new("Devices and sessions", "Where you are signed in").action(
            "See",
            "/account/sessions",
            "devices and sessions",
        ),
        SummaryRow::new("Activity", "Your last sign-ins").action(
            "See",
            "/account/activity",
            "account activity",
        ),
    ];
    let access: Vec<SummaryRow> = account
        .organisations
        .into_iter()
        .map(|organisation| {
            let href = ["/o/", &organisation.slug].concat();
            let about = organisation.name.clone();
            let roles = if organisation.roles.is_empty() {
                "No role yet".into()
            } else {
                lines(organisation.roles.iter().map(role_and_areas))
            };
            let name = [&organisation.name, " (", &organisation.code, ")"].concat();
            SummaryRow::new(name, roles).action("Open", href, about)
        })
        .collect();
    let access = if access.is_empty() {
        view! { <p>"You do not have access to any organisation."</p> }.into_any()
    } else {
        view! { <SummaryList rows=access/> }.into_any()
    };
    view! {
        <Page title="Your account">
            <SummaryList rows=person/>
            <h2 class="nhsuk-heading-m">"Your access"</h2>
            <p>"Administrators change your roles and areas. You cannot change your own."</p>
            {access}
            <p><a href="/account/access">"See who can change your access, or leave an organisation"</a></p>
        </Page>
    }
}

pub(crate) fn words_of(kind: SecondFactorKind) -> &'static str {
    match kind {
        SecondFactorKind::Authenticator => "Authenticator app",
        SecondFactorKind::Sms => "Text message",
        SecondFactorKind::Email => "Email",
        SecondFactorKind::Passkey => "Passkey",
    }
}

/// "Manager: Community nursing, North team"
fn role_and_areas(role: &AccountRole) -> String {
    if role.areas.is_empty() {
        role.name.clone()
    } else {
        [&role.name, ": ", &role.areas.join(", ")].concat()
    }
}

/// Which organisation to act in.
#[component]
pub fn ChooseOrganisationPage() -> impl IntoView {
    let resource = reading(|| ReadOrganisations {});
    view! {
        <Loaded
            resource
            view=|choices| view! { <OrganisationQuestion choices/> }.into_any()
        />
    }
}

fn choice(organisation: &AccountOrganisation) -> Choice {
    let mut hint = organisation.code.clone();
    for role in &organisation.roles {
        hint.push_str(" · ");
        hint.push_str(&role.name);
    }
    Choice::new(organisation.slug.clone(), organisation.name.clone()).hint(hint)
}

#[component]
fn OrganisationQuestion(choices: OrganisationChoices) -> impl IntoView {
    let action = Post::<ChooseOrganisation>::new();
    let return_to = return_to();
    let no_longer = (!choices.no_longer.is_empty()).then(|| {
        let names: Vec<AnyView> = choices
            .no_longer
            .iter()
            .map(|name| view! { <li>{name.clone()}</li> }.into_any())
            .collect();
        view! {
            <h2 class="nhsuk-heading-m">"You no longer have access to"</h2>
            <ul class="nhsuk-list nhsuk-list--bullet">{names}</ul>
        }
    });
    if choices.count() == 0 {
        return view! {
            <Page title="You do not have access to any organisation">
                <p>"Ask an administrator of your organisation to invite you."</p>
                {no_longer}
            </Page>
        }
        .into_any();
    }
    let mut radios: Vec<Choice> = choices.recent.iter().map(choice).collect();
    if choices.recent.is_some() && !choices.others.is_empty() {
        radios.push(Choice::divider("or"));
    }
    radios.extend(choices.others.iter().map(choice));
    view! {
        <Page title="Choose your organisation" heading=false>
            <Form
                action
                validate=|post: &Fields| {
                    let form = ChooseOrganisationForm { organisation: post.text("organisation") };
                    form.validate()
                }
            >
                <input type="hidden" name="return_to" value=return_to/>
                <Radios
                    name="organisation"
                    legend="Choose your organisation"
                    legend_size="l"
                    legend_is_heading=true
                    choices=radios
                />
                <Button>"Continue"</Button>
            </Form>
            {no_longer}
        </Page>
    }
    .into_any()
}
