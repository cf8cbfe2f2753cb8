//! The document, the route table and what surrounds every page.

use leptos::prelude::*;
#[cfg(feature = "ssr")]
use leptos_meta::MetaTags;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    ChooseView, SsrMode,
    components::{FlatRoutes, Route, Router},
    path,
};

#[cfg(feature = "ssr")]
use crate::components::timeout::TimeoutDialog;
use crate::{
    browser::use_browser,
    components::{
        form::FormScope,
        layout::{FrameContext, Surroundings},
    },
    pages::errors::NotFoundPage,
    parts::{
        Adding, AnyPage, Entrance, Inviting, Many, Members, Organisation, Registration, Users,
    },
};

/// The HTML document around the application. Rendered on the server only.
#[cfg(feature = "ssr")]
pub fn shell() -> impl IntoView {
    let door = crate::server_fns::doorway().ok();
    let (assets, nonce) = door.map_or_else(Default::default, |door| (door.assets, door.nonce));
    let part = use_context::<http::request::Parts>()
        .and_then(|request| page_at(request.uri.path()))
        .and_then(|page| assets.parts.get(page.part()));
    // What the page needs comes together, not one after the other.
    let modules: Vec<AnyView> = std::iter::once(&assets.wasm)
        .chain(part.into_iter().flatten())
        .map(|href| {
            let href = href.clone();
            view! {
                <link rel="preload" href=href r#as="fetch" r#type="application/wasm" crossorigin="anonymous"/>
            }
            .into_any()
        })
        .collect();
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
                {modules}
                <script type="module" nonce=nonce>{loader}</script>
                <MetaTags/>
            </head>
            <body>
                <App/>
                <TimeoutDialog/>
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
                <Pages/>
            </Surroundings>
        </Router>
    }
}

/// Makes the routes and their table from one list.
macro_rules! pages {
    ($($path:tt => $part:ident($page:expr),)*) => {
        /// Every page with its address.
        pub const PAGES: &[(&str, AnyPage)] = &[$(($path, AnyPage::$part($page))),*];

        #[component]
        fn Pages() -> impl IntoView {
            view! {
                <FlatRoutes fallback=|| in_its_scope(|| view! { <NotFoundPage/> }.into_any())>
                    $(<Route path=path!($path) view=AnyPage::$part($page) ssr=SsrMode::Async/>)*
                </FlatRoutes>
            }
        }
    };
}

pages! {
    "/" => Entrance(Entrance::Start),
    "/accessibility-statement" => Entrance(Entrance::Information("accessibility-statement")),
    "/account" => Entrance(Entrance::Account),
    "/account/access" => Entrance(Entrance::OwnAccess),
    "/account/access/:org/leave" => Entrance(Entrance::Leave),
    "/account/activity" => Entrance(Entrance::OwnActivity),
    "/account/terms" => Entrance(Entrance::NewTerms),
    "/account/confirm" => Entrance(Entrance::ConfirmPassword),
    "/account/confirm/check-your-code" => Entrance(Entrance::StepUpCode),
    "/account/email" => Entrance(Entrance::OwnEmail),
    "/account/email/check-your-email" => Entrance(Entrance::EmailCodes),
    "/account/mobile-number" => Entrance(Entrance::OwnMobile),
    "/account/mobile-number/check-your-phone" => Entrance(Entrance::MobileCode),
    "/account/name" => Entrance(Entrance::OwnName),
    "/account/password" => Entrance(Entrance::OwnPassword),
    "/account/security" => Entrance(Entrance::OwnSecurity),
    "/account/security/authenticator-app" => Entrance(Entrance::OwnApp),
    "/account/security/recovery-codes" => Entrance(Entrance::OwnRecoveryCodes),
    "/account/sessions" => Entrance(Entrance::Devices),
    "/choose-organisation" => Entrance(Entrance::ChooseOrganisation),
    "/contact" => Entrance(Entrance::Information("contact")),
    "/cookies" => Entrance(Entrance::Information("cookies")),
    "/forgot-password" => Entrance(Entrance::ForgotPassword),
    "/forgot-password/check-your-email" => Entrance(Entrance::CheckYourEmail),
    "/help" => Entrance(Entrance::Information("help")),
    "/help/:topic" => Entrance(Entrance::Information("help/")),
    "/invitations/start-again" => Registration(Registration::StartAgain),
    "/invitations/:invitation" => Registration(Registration::Invitation),
    "/invitations/:invitation/ask-for-a-new-one" => Registration(Registration::AskedForNewOne),
    "/invitations/:invitation/choose-how-to-get-codes" => Registration(Registration::ChooseCodesMethod),
    "/invitations/:invitation/code-not-received" => Registration(Registration::CodeNotSent),
    "/invitations/:invitation/confirm-code" => Registration(Registration::ConfirmCode),
    "/invitations/:invitation/done" => Registration(Registration::RegistrationDone),
    "/invitations/:invitation/join" => Registration(Registration::Join),
    "/invitations/:invitation/not-for-me" => Registration(Registration::NotForMe),
    "/invitations/:invitation/recovery-codes" => Registration(Registration::RecoveryCodes),
    "/invitations/:invitation/terms" => Registration(Registration::Terms),
    "/invitations/:invitation/your-details" => Registration(Registration::YourDetails),
    "/o/:org" => Organisation(Organisation::Home),
    "/o/:org/activity" => Organisation(Organisation::Activity),
    "/o/:org/jobs" => Many(Many::Jobs),
    "/o/:org/jobs/:job" => Many(Many::Job),
    "/o/:org/roles" => Organisation(Organisation::Roles),
    "/o/:org/roles/:role" => Organisation(Organisation::Role),
    "/o/:org/users" => Users(Users::List),
    "/o/:org/users/:user/activity" => Organisation(Organisation::Activity),
    "/o/:org/users/:user/email" => Adding(Adding::CorrectEmail),
    "/o/:org/users/:user/invitation" => Inviting(Inviting::Sent),
    "/o/:org/users/:user/deactivate" => Members(Members::Deactivate),
    "/o/:org/users/:user/deactivated" => Members(Members::Deactivated),
    "/o/:org/users/:user/security/:action" => Members(Members::SecurityAction),
    "/o/:org/users/:user/security" => Members(Members::Security),
    "/o/:org/users/:user/details" => Members(Members::ChangeDetails),
    "/o/:org/users/:user/details/check" => Members(Members::CheckDetails),
    "/o/:org/users/:user/reactivate" => Members(Members::Reactivate),
    "/o/:org/users/:user/reactivated" => Members(Members::Reactivated),
    "/o/:org/users/:user/roles/add" => Members(Members::AddRole),
    "/o/:org/users/:user/roles/:assignment/change" => Members(Members::ChangeRole),
    "/o/:org/users/:user/roles/:assignment/check" => Members(Members::CheckRole),
    "/o/:org/users/:user/roles/:assignment/remove" => Members(Members::RemoveRole),
    "/o/:org/users/add" => Inviting(Inviting::AddUsers),
    "/o/:org/users/add/:draft/areas" => Adding(Adding::Areas),
    "/o/:org/users/add/:draft/check" => Adding(Adding::Check),
    "/o/:org/users/add/:draft/check-email" => Adding(Adding::Address),
    "/o/:org/users/add/:draft/dates" => Adding(Adding::Dates),
    "/o/:org/users/add/:draft/details" => Adding(Adding::Details),
    "/o/:org/users/add/:draft/done" => Adding(Adding::Done),
    "/o/:org/users/add/:draft/email" => Adding(Adding::Email),
    "/o/:org/users/add/:draft/existing-person" => Adding(Adding::Existing),
    "/o/:org/users/add/:draft/role" => Adding(Adding::Role),
    "/o/:org/users/bulk/:draft/:step" => Many(Many::Bulk),
    "/o/:org/users/invite/:draft/areas" => Inviting(Inviting::Areas),
    "/o/:org/users/invite/:draft/check" => Inviting(Inviting::Check),
    "/o/:org/users/invite/:draft/emails" => Inviting(Inviting::Emails),
    "/o/:org/users/invite/:draft/message" => Inviting(Inviting::Message),
    "/o/:org/users/invite/:draft/problems" => Inviting(Inviting::Problems),
    "/o/:org/users/invite/:draft/role" => Inviting(Inviting::Role),
    // Last of its place, so that `add` and `invite` are never taken for a person.
    "/o/:org/users/:user" => Organisation(Organisation::Person),
    "/privacy" => Entrance(Entrance::Information("privacy")),
    "/reset-password/:token" => Entrance(Entrance::ResetPassword),
    "/set-up/:token" => Registration(Registration::SetUp),
    "/sign-in" => Entrance(Entrance::SignIn),
    "/sign-in/check-your-code" => Entrance(Entrance::CheckYourCode),
    "/sign-in/choose-method" => Entrance(Entrance::ChooseMethod),
    "/sign-in/code-not-received" => Entrance(Entrance::CodeNotReceived),
    "/sign-in/no-organisation" => Entrance(Entrance::NoOrganisation),
    "/sign-in/set-up-codes" => Entrance(Entrance::SetUpCodes),
    "/sign-in/set-up-codes/:step" => Entrance(Entrance::SetUpCodes),
    "/sign-in/use-recovery-code" => Entrance(Entrance::UseRecoveryCode),
    "/sign-out" => Entrance(Entrance::SignedOut),
    "/terms" => Entrance(Entrance::Information("terms")),
    "/third-party-notices" => Entrance(Entrance::Information("third-party-notices")),
    "/timed-out" => Entrance(Entrance::TimedOut),
}

/// The page at an address; `None` for what is none.
pub fn page_at(path: &str) -> Option<AnyPage> {
    let asked: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let is_it = |pattern: &str| {
        let mut parts = pattern.split('/').filter(|part| !part.is_empty());
        asked.iter().all(|asked| {
            parts
                .next()
                .is_some_and(|part| part == *asked || part.starts_with(':'))
        }) && parts.next().is_none()
    };
    PAGES
        .iter()
        .find(|(pattern, _)| is_it(pattern))
        .map(|(_, page)| *page)
}

impl ChooseView for AnyPage {
    async fn choose(self) -> AnyView {
        self.preload().await;
        in_its_scope(move || shown(self))
    }

    async fn preload(&self) {
        if let Some(browser) = use_browser() {
            (browser.load)(*self).await;
        }
    }
}

/// The view of a page whose part is there.
fn shown(page: AnyPage) -> AnyView {
    if cfg!(feature = "ssr") {
        return page.view();
    }
    use_browser()
        .and_then(|browser| (browser.show)(page))
        .unwrap_or_else(|| ().into_any())
}

/// Gives a page its scope for forms, once its frame is known.
fn in_its_scope(view: impl Fn() -> AnyView + Clone + Send + Sync + 'static) -> AnyView {
    let frame = use_context::<FrameContext>();
    view! {
        <Suspense>
            // Not in a closure: the server would run that again and again, and number what the page asks for
            // otherwise than the browser does.
            {Suspend::new(async move {
                if let Some(frame) = frame {
                    frame.ready().await;
                }
                view! { <FormScope>{view()}</FormScope> }
            })}
        </Suspense>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_page() {
        let person = AnyPage::Organisation(Organisation::Person);
        assert_eq!(page_at("/"), Some(AnyPage::Entrance(Entrance::Start)));
        assert_eq!(page_at("/o/rx1/users/usr_1"), Some(person));
        assert_eq!(
            page_at("/o/rx1/users/add"),
            Some(AnyPage::Inviting(Inviting::AddUsers))
        );
        assert_eq!(page_at("/o/rx1/users/"), Some(AnyPage::Users(Users::List)));
        assert_eq!(page_at("/o/rx1/nothing"), None);
        assert_eq!(page_at("/o"), None);
    }

    /// The browser and the router agree on what stands before something else.
    #[test]
    fn every_page_is_found_at_its_own_address() {
        for (path, page) in PAGES {
            assert_eq!(page_at(&path.replace(':', "x")), Some(*page), "{path}");
        }
    }
}
