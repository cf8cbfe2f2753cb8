//! The document, the route table and what surrounds every page.

use leptos::prelude::*;
#[cfg(feature = "ssr")]
use leptos_meta::MetaTags;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{Route, Router, Routes},
    path,
};

use crate::{
    components::{
        form::FormScope,
        layout::{FrameContext, Surroundings},
    },
    pages::{
        account::{AccountPage, ChooseOrganisationPage},
        errors::NotFoundPage,
        forgot_password::{CheckYourEmailPage, ForgotPasswordPage, ResetPasswordPage},
        home::HomePage,
        information::InformationPage,
        invitations::{
            AddUsersPage, InviteAreasPage, InviteCheckPage, InviteEmailsPage, InviteMessagePage,
            InviteProblemsPage, InviteRolePage, JobPage, JobsPage, SentInvitationPage,
        },
        registration::{
            AskedForNewOnePage, ChooseCodesMethodPage, CodeNotSentPage, ConfirmCodePage,
            InvitationPage, JoinPage, NotForMePage, RecoveryCodesPage, RegistrationDonePage,
            StartAgainPage, TermsPage, YourDetailsPage,
        },
        roles::RolesPage,
        set_up::SetUpPage,
        sign_in::{
            CheckYourCodePage, ChooseMethodPage, CodeNotReceivedPage, NoOrganisationPage,
            SetUpCodesPage, SignInPage, SignedOutPage, TimedOutPage, UseRecoveryCodePage,
        },
        start::StartPage,
        user::PersonPage,
        users::UsersListPage,
    },
};

/// The HTML document around the application. Rendered on the server only.
#[cfg(feature = "ssr")]
pub fn shell() -> impl IntoView {
    let door = crate::server_fns::doorway().ok();
    let (assets, nonce) = door.map_or_else(Default::default, |door| (door.assets, door.nonce));
    let loader = format!(
        "import({js:?}).then(m => m.default({{module_or_path: {wasm:?}}}).then(() => m.hydrate()));",
        js = assets.js,
        wasm = assets.wasm,
    );
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="robots" content="noindex"/>
                <meta name="theme-color" content="#00506b"/>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <link rel="stylesheet" href=assets.css.clone()/>
                <script defer src=assets.focus.clone() nonce=nonce.clone()></script>
                <link rel="modulepreload" href=assets.js.clone() nonce=nonce.clone()/>
                <link rel="preload" href=assets.wasm.clone() r#as="fetch" r#type="application/wasm" crossorigin="anonymous"/>
                <script type="module" nonce=nonce>{loader}</script>
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

/// The application: the same tree on the server and in the browser.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Title text="Lanyard"/>
        <Router>
            <Surroundings>
                <Routes fallback=page(|| view! { <NotFoundPage/> }.into_any())>
                    <Route path=path!("/") view=page(|| view! { <StartPage/> }.into_any()) ssr=SsrMode::Async/>
                    <Route path=path!("/accessibility-statement") view=page(|| view! { <InformationPage name="accessibility-statement"/> }.into_any()) ssr=SsrMode::Async/>
                    <Route path=path!("/account") view=page(|| view! { <AccountPage/> }.into_any()) ssr=SsrMode::Async/>
                    <Route path=path!("/choose-organisation") view=page(|| view! { <ChooseOrganisationPage/> }.into_any()) ssr=SsrMode::Async/>
                    <Route path=path!("/contact") view=page(|| view! { <InformationPage name="contact"/> }.into_any()) ssr=SsrMode::Async/>
                    <Route path=path!("/cookies") view=page(|| view! { <InformationPage name="cookies"/> }.into_any()) ssr=SsrMode::Async/>
                    <Route path=path!("/forgot-password") view=page(|| view! { <ForgotPasswordPage/> }.into_any()) ssr=SsrMode::Async/>
                    <Route path=path!("/forgot-password/check-your-email") view=page(|| view! { <CheckYourEmailPage/> }.into_any()) ssr=SsrMode::Async/>
                    <Route path=path!("/help") view=page(|| view! { <InformationPage name="help"/> }.into_any()) ssr=SsrMode::Async/>
                    <Route path=path!("/invitations/start-again") view=page(|| view! { <StartAgainPage/> }.into_any()) ssr=SsrMode::Async/>
                    <Route path=path!("/invitations/:invitation") view=page(|| view! { <InvitationPage/> }.into_any()) ssr=SsrMode::Async/>
                    <Route path=path!("/invitations/:invitation/ask-for-a-new-one") view=page(|| view! { <AskedForNewOnePage/> }.into_any()) ssr=SsrMode::Async/>
                    <Route path=path!("/invitations/:invitation/choose-how-to-get-codes") view=page(|| view! { <ChooseCodesMethodPage/> }.into_any()) ssr=SsrMode::Async/>
                    <Route path=path!("/invitations/:invitation/code-not-received") view=page(|| view! { <CodeNotSentPage/> }.into_any()) ssr=SsrMode::Async/>
                    <Route path=path!("/invitations/:invitation/confirm-code") view=page(|| view! { <ConfirmCodePage/> }.into_any()) ssr=SsrMode::Async/>
                    <Route path=path!("/invitations/:invitation/done") view=page(|| view! { <RegistrationDonePage/> }.into_any()) ssr=SsrMode::Async/>
                    <Route path=path!("/invitations/:invitation/join") view=page(|| view! { <JoinPage/> }.into_any()) ssr=SsrMode::Async/>
                    <Route path=path!("/invitations/:invitation/not-for-me") view=page(|| view! { <NotForMePage/> }.into_any()) ssr=SsrMode::Async/>
                    <Route path=path!("/invitations/:invitation/recovery-codes") view=page(|| view! { <RecoveryCodesPage/> }.into_any()) ssr=SsrMode::Async/>
                    <Route path=path!("/invitations/:invitation/terms") view=page(|| view! { <TermsPage/> }.into_any()) ssr=SsrMode::Async/>
                    <Route path=path!("/invitations/:invitation/your-details") view=page(|| view! { <YourDetailsPage/> }.into_any()) ssr=SsrMode::Async/>
                    <Route path=path!("/o/:org") view=page(|| view! { <HomePage/> }.into_any()) ssr=SsrMode::Async/>
                    <Route path=path!("/o/:org/jobs") view=page(|| view! { <JobsPage/> }.into_any()) ssr=SsrMode::Async/>
                    <Route path=path!("/o/:org/jobs/:job") view=page(|| view! { <JobPage/> }.into_any()) ssr=SsrMode::Async/>
                    <Route path=path!("/o/:org/roles") view=page(|| view! { <RolesPage/> }.into_any()) ssr=SsrMode::Async/>
                    <Route path=path!("/o/:org/users") view=page(|| view! { <UsersListPage/> }.into_any()) ssr=SsrMode::Async/>
                    <Route path=path!("/o/:org/users/:user/invitation") view=page(|| view! { <SentInvitationPage/> }.into_any()) ssr=SsrMode::Async/>
                    <Route path=path!("/o/:org/users/add") view=page(|| view! { <AddUsersPage/> }.into_any()) ssr=SsrMode::Async/>
                    <Route path=path!("/o/:org/users/invite/:draft/areas") view=page(|| view! { <InviteAreasPage/> }.into_any()) ssr=SsrMode::Async/>
                    <Route path=path!("/o/:org/users/invite/:draft/check") view=page(|| view! { <InviteCheckPage/> }.into_any()) ssr=SsrMode::Async/>
                    <Route path=path!("/o/:org/users/invite/:draft/emails") view=page(|| view! { <InviteEmailsPage/> }.into_any()) ssr=SsrMode::Async/>
                    <Route path=path!("/o/:org/users/invite/:draft/message") view=page(|| view! { <InviteMessagePage/> }.into_any()) ssr=SsrMode::Async/>
                    <Route path=path!("/o/:org/users/invite/:draft/problems") view=page(|| view! { <InviteProblemsPage/> }.into_any()) ssr=SsrMode::Async/>
                    <Route path=path!("/o/:org/users/invite/:draft/role") view=page(|| view! { <InviteRolePage/> }.into_any()) ssr=SsrMode::Async/>
                    // Last of its place, so that `add` and `invite` are never taken for a person.
                    <Route path=path!("/o/:org/users/:user") view=page(|| view! { <PersonPage/> }.into_any()) ssr=SsrMode::Async/>
                    <Route path=path!("/privacy") view=page(|| view! { <InformationPage name="privacy"/> }.into_any()) ssr=SsrMode::Async/>
                    <Route path=path!("/reset-password/:token") view=page(|| view! { <ResetPasswordPage/> }.into_any()) ssr=SsrMode::Async/>
                    <Route path=path!("/set-up/:token") view=page(|| view! { <SetUpPage/> }.into_any()) ssr=SsrMode::Async/>
                    <Route path=path!("/sign-in") view=page(|| view! { <SignInPage/> }.into_any()) ssr=SsrMode::Async/>
                    <Route path=path!("/sign-in/check-your-code") view=page(|| view! { <CheckYourCodePage/> }.into_any()) ssr=SsrMode::Async/>
                    <Route path=path!("/sign-in/choose-method") view=page(|| view! { <ChooseMethodPage/> }.into_any()) ssr=SsrMode::Async/>
                    <Route path=path!("/sign-in/code-not-received") view=page(|| view! { <CodeNotReceivedPage/> }.into_any()) ssr=SsrMode::Async/>
                    <Route path=path!("/sign-in/no-organisation") view=page(|| view! { <NoOrganisationPage/> }.into_any()) ssr=SsrMode::Async/>
                    <Route path=path!("/sign-in/set-up-codes") view=page(|| view! { <SetUpCodesPage/> }.into_any()) ssr=SsrMode::Async/>
                    <Route path=path!("/sign-in/use-recovery-code") view=page(|| view! { <UseRecoveryCodePage/> }.into_any()) ssr=SsrMode::Async/>
                    <Route path=path!("/sign-out") view=page(|| view! { <SignedOutPage/> }.into_any()) ssr=SsrMode::Async/>
                    <Route path=path!("/terms") view=page(|| view! { <InformationPage name="terms"/> }.into_any()) ssr=SsrMode::Async/>
                    <Route path=path!("/third-party-notices") view=page(|| view! { <InformationPage name="third-party-notices"/> }.into_any()) ssr=SsrMode::Async/>
                    <Route path=path!("/timed-out") view=page(|| view! { <TimedOutPage/> }.into_any()) ssr=SsrMode::Async/>
                </Routes>
            </Surroundings>
        </Router>
    }
}

/// Gives a page its scope for forms, once its frame is known.
fn page(view: fn() -> AnyView) -> impl Fn() -> AnyView + Send + Sync + Clone + 'static {
    move || {
        let frame = use_context::<FrameContext>();
        view! {
            <Suspense>
                {move || Suspend::new(async move {
                    if let Some(frame) = frame {
                        frame.ready().await;
                    }
                    view! { <FormScope>{view()}</FormScope> }
                })}
            </Suspense>
        }
        .into_any()
    }
}
