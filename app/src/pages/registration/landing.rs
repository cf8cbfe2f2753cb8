//! The page behind the link (B1, B7): who invites to what, or why the link does not work. Opening
//! it changes nothing (R18).

use domain::{
    invitation::{InvitationLanding, InvitationView, OfferedRole},
    wording::date,
};
use leptos::prelude::*;

use super::{address, invitation};
use crate::components::{
    Button, ButtonLink, Page, RolePermissions, SummaryList, SummaryRow, breakable,
    form::{Form, Post},
    layout::use_frame,
    lines,
    loaded::Loaded,
};
use crate::error::AppError;
use crate::pages::errors::ErrorPage;
use crate::reading::reading;
use crate::server_fns::registration::{
    AcceptInvitation, AskForNewInvitation, DeclineInvitation, ReadInvitation, SignOutForInvitation,
};

/// The name of this service.
pub(super) fn service_name() -> String {
    let name = use_frame().with_untracked(|frame| frame.service_name.clone());
    if name.is_empty() {
        "Lanyard".to_owned()
    } else {
        name
    }
}

/// The page behind the link.
#[component]
pub fn InvitationPage() -> impl IntoView {
    let resource = reading(|| ReadInvitation {
        token: invitation(),
    });
    view! { <Loaded resource view=|landing| landing_view(landing)/> }
}

fn landing_view(landing: InvitationLanding) -> AnyView {
    match landing {
        InvitationLanding::Open(view) => view! { <Offer view=*view/> }.into_any(),
        InvitationLanding::Expired { asked } => view! { <Expired asked/> }.into_any(),
        InvitationLanding::SomeoneElse { signed_in_as } => {
            view! { <SomeoneElse signed_in_as/> }.into_any()
        }
        InvitationLanding::Waiting {
            organisation_name,
            asked,
        } => view! { <Waiting organisation_name asked/> }.into_any(),
        InvitationLanding::Accepted => view! {
            <Page title="You have already accepted this invitation">
                <p>"Sign in with your email address and the password that you chose."</p>
                <ButtonLink href="/sign-in">"Sign in"</ButtonLink>
                <p>"If it was not you who accepted it, " <a href="/contact">"contact us"</a> "."</p>
            </Page>
        }
        .into_any(),
        InvitationLanding::Replaced => view! {
            <Page title="This invitation was replaced by a newer one">
                <p>"Look in your email for the newest invitation and use the link in it. Only the newest link works."</p>
            </Page>
        }
        .into_any(),
        InvitationLanding::Cancelled { ask } => {
            let whom = if ask.is_empty() {
                "If you think you should have access, ask an administrator of the organisation.".to_owned()
            } else {
                ["If you think you should have access, ask ", &ask, "."].concat()
            };
            view! {
                <Page title="This invitation was cancelled">
                    <p>{whom}</p>
                </Page>
            }
            .into_any()
        }
        InvitationLanding::Declined => view! {
            <Page title="You told us that this invitation is not for you">
                <p>"We have told the person who sent it. You do not need to do anything else."</p>
                <p>"If you change your mind, ask them to invite you again."</p>
            </Page>
        }
        .into_any(),
        InvitationLanding::OtherDomain {
            organisation_name,
            email,
            domains,
            ask,
        } => view! { <OtherDomain organisation_name email domains ask/> }.into_any(),
        InvitationLanding::Closed => view! {
            <Page title="This invitation cannot be used any more">
                <p>"The organisation that sent it no longer uses this service."</p>
            </Page>
        }
        .into_any(),
    }
}

#[component]
fn Offer(view: InvitationView) -> impl IntoView {
    let action = Post::<AcceptInvitation>::new();
    let title = [
        &view.organisation_name,
        " has invited you to ",
        &service_name(),
    ]
    .concat();
    let next = if view.has_user {
        "You have an account already. We will ask you to sign in, and then to join."
    } else {
        "Next we will ask for your name, a password and a way to get codes when you sign in. It takes about 5 minutes."
    };
    view! {
        <Page title>
            <OfferSummary view/>
            <p>{next}</p>
            <Form action>
                <input type="hidden" name="token" value=invitation()/>
                <Button>"Accept invitation"</Button>
            </Form>
            <p><a href=address("not-for-me")>"This is not for me"</a></p>
        </Page>
    }
}

/// Who invites whom to what, and what the role lets them do.
#[component]
pub(super) fn OfferSummary(view: InvitationView) -> impl IntoView {
    let organisation = [&view.organisation_name, " (", &view.organisation_code, ")"].concat();
    let mut rows = vec![SummaryRow::new("Organisation", organisation)];
    if !view.invited_by.is_empty() {
        rows.push(SummaryRow::new("Invited by", view.invited_by));
    }
    rows.push(SummaryRow::new("Your email", view.email));
    if view.roles.is_empty() {
        let words = "No role yet. An administrator will give you one.";
        rows.push(SummaryRow::new("Role", words));
    }
    for offered in &view.roles {
        rows.push(SummaryRow::new("Role", offered.role.name.clone()));
        let areas = if offered.areas.is_empty() {
            vec![["All of ", &view.organisation_name].concat()]
        } else {
            offered.areas.clone()
        };
        rows.push(SummaryRow::new("Areas", lines(areas)));
        if !offered.period.is_empty() {
            rows.push(SummaryRow::new("When", offered.period.clone()));
        }
    }
    rows.push(SummaryRow::new("Link works until", date(view.expires_at)));
    if !view.message.is_empty() {
        let message = view.message.lines().map(ToOwned::to_owned);
        rows.push(SummaryRow::new("Message", lines(message)));
    }
    let permissions: Vec<AnyView> = (view.roles.into_iter())
        .map(|OfferedRole { role, .. }| {
            let heading = ["What you can do as ", &role.name].concat();
            view! {
                <h2 class="nhsuk-heading-m">{heading}</h2>
                <RolePermissions role/>
            }
            .into_any()
        })
        .collect();
    view! {
        <SummaryList rows/>
        {permissions}
    }
}

#[component]
fn Expired(asked: bool) -> impl IntoView {
    #[cfg(feature = "ssr")]
    crate::server_fns::set_status(AppError::Expired(String::new()).status());
    view! {
        <Page title="This invitation has expired">
            <AskForNew asked/>
        </Page>
    }
}

#[component]
fn Waiting(organisation_name: String, asked: bool) -> impl IntoView {
    let why = [
        "The person who invited you to ",
        &organisation_name,
        " can no longer give this access. An administrator of the organisation can send you a new invitation.",
    ]
    .concat();
    view! {
        <Page title="An administrator needs to confirm this invitation">
            <p>{why}</p>
            <AskForNew asked/>
        </Page>
    }
}

/// The organisation allows other addresses now (C27): which, and whom to ask.
#[component]
fn OtherDomain(
    organisation_name: String,
    email: String,
    domains: Vec<String>,
    ask: String,
) -> impl IntoView {
    let why = [
        &organisation_name,
        " has changed which email addresses it allows since it invited you.",
    ]
    .concat();
    let which = (!domains.is_empty()).then(|| {
        [
            "It allows addresses that end in ",
            &domains.join(" or "),
            ".",
        ]
        .concat()
    });
    let whom = if ask.is_empty() {
        "an administrator of the organisation"
    } else {
        &ask
    };
    let next = ["To be invited with another address, ask ", whom, "."].concat();
    view! {
        <Page title="Your email address cannot be used for this invitation any more">
            <p>"The invitation was sent to " {breakable(email)} ". " {why} " " {which}</p>
            <p>{next}</p>
        </Page>
    }
}

#[component]
fn AskForNew(asked: bool) -> impl IntoView {
    let action = Post::<AskForNewInvitation>::new();
    if asked {
        return view! {
            <p>"You have asked for a new invitation. We will email it to you if it is sent."</p>
        }
        .into_any();
    }
    view! {
        <Form action>
            <input type="hidden" name="token" value=invitation()/>
            <Button>"Ask for a new invitation"</Button>
        </Form>
    }
    .into_any()
}

/// Somebody else is signed in: nothing is accepted in their name.
#[component]
pub(super) fn SomeoneElse(signed_in_as: String) -> impl IntoView {
    let action = Post::<SignOutForInvitation>::new();
    let who = if signed_in_as.is_empty() {
        "You are signed in with another account.".to_owned()
    } else {
        ["You are signed in as ", &signed_in_as, "."].concat()
    };
    view! {
        <Page title="This invitation is for someone else">
            <p>{who} " Sign out to use this invitation."</p>
            <Form action>
                <input type="hidden" name="invitation" value=invitation()/>
                <Button>"Sign out and continue"</Button>
            </Form>
            <p><a href="/">"Stay signed in"</a></p>
        </Page>
    }
}

/// "This is not for me": what that does, and the button.
#[component]
pub fn NotForMePage() -> impl IntoView {
    let resource = reading(|| ReadInvitation {
        token: invitation(),
    });
    let view = |landing| match landing {
        InvitationLanding::Open(view) => view! { <NotForMe view=*view/> }.into_any(),
        other => landing_view(other),
    };
    view! { <Loaded resource view/> }
}

#[component]
fn NotForMe(view: InvitationView) -> impl IntoView {
    let action = Post::<DeclineInvitation>::new();
    let back = ["/invitations/", &invitation()].concat();
    let what = [
        "The invitation to ",
        &view.organisation_name,
        " will be cancelled, and the link will stop working.",
    ]
    .concat();
    let who = (!view.invited_by.is_empty()).then(|| {
        [
            "We will tell ",
            &view.invited_by,
            " that it did not reach the right person.",
        ]
        .concat()
    });
    view! {
        <Page title="Is this invitation not for you?" back>
            <p>{what}</p>
            <p>{who}</p>
            <Form action>
                <input type="hidden" name="token" value=invitation()/>
                <Button>"Cancel this invitation"</Button>
            </Form>
        </Page>
    }
}

/// A new invitation was asked for.
#[component]
pub fn AskedForNewOnePage() -> impl IntoView {
    let resource = reading(|| ReadInvitation {
        token: invitation(),
    });
    let view = |landing| {
        match landing {
        InvitationLanding::Expired { asked: true }
        | InvitationLanding::Waiting { asked: true, .. } => view! {
            <Page title="We have asked for a new invitation">
                <p>"We have told the person who invited you, and the administrators of the organisation."</p>
                <p>"If they send you a new invitation, it will come by email. You can ask again tomorrow."</p>
            </Page>
        }
        .into_any(),
        other => landing_view(other),
    }
    };
    view! { <Loaded resource view/> }
}

/// The answers of a journey are no longer kept; the link still works.
#[component]
pub fn StartAgainPage() -> impl IntoView {
    view! { <ErrorPage error=AppError::Expired("registration".to_owned())/> }
}
