//! The document, the route table and what surrounds every page.

use std::{borrow::Cow, sync::LazyLock};

use leptos::{children::ToChildren, prelude::*};
#[cfg(feature = "ssr")]
use leptos_meta::MetaTags;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    ChooseView, GeneratedRouteData, MatchInterface, MatchNestedRoutes, MatchParams, Method,
    PathSegment, RouteMatchId, SsrMode,
    components::{FlatRoutes, FlatRoutesProps, Router},
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

#[component]
fn Pages() -> impl IntoView {
    let fallback = || in_its_scope(|| view! { <NotFoundPage/> }.into_any());
    let routes = FlatRoutesProps::builder()
        .fallback(fallback)
        .children(ToChildren::to_children(|| RouteTable))
        .build();
    FlatRoutes(routes)
}

/// Makes the table of pages.
macro_rules! pages {
    ($($path:tt => $part:ident($page:expr),)*) => {
        /// Every page with its address. Of two that fit, the first is the page.
        pub const PAGES: &[(&str, AnyPage)] = &[$(($path, AnyPage::$part($page))),*];
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
    find(path).map(|found| found.page)
}

fn find(path: &str) -> Option<RouteFound> {
    let found = |(at, (pattern, page)): (usize, &(&'static str, AnyPage))| {
        Some(RouteFound {
            at,
            page: *page,
            params: params_of(pattern, path)?,
            path: path.to_owned(),
        })
    };
    PAGES.iter().enumerate().find_map(found)
}

/// The values of `:org` and the like, where an address fits a pattern.
fn params_of(pattern: &'static str, path: &str) -> Option<Params> {
    let mut params = Params::new();
    let mut parts = path.strip_suffix('/').unwrap_or(path).split('/');
    for wanted in pattern.strip_suffix('/').unwrap_or(pattern).split('/') {
        let part = parts.next()?;
        match wanted.strip_prefix(':') {
            Some(name) if !part.is_empty() => params.push((name.into(), part.to_owned())),
            None if part == wanted => {}
            _ => return None,
        }
    }
    parts.next().is_none().then_some(params)
}

type Params = Vec<(Cow<'static, str>, String)>;

/// [`PAGES`] as the router wants it. A route of its own for each address is a type of its own, which every
/// page pays for; this is one loop.
#[derive(Clone)]
struct RouteTable;

/// A page that was found, at its place in the table.
struct RouteFound {
    at: usize,
    page: AnyPage,
    params: Params,
    path: String,
}

/// By which the router tells one route from another.
static IDS: LazyLock<Vec<RouteMatchId>> = LazyLock::new(|| {
    let id = |_| RouteMatchId::new_from_route_id();
    PAGES.iter().map(id).collect()
});

impl MatchNestedRoutes for RouteTable {
    type Data = ();
    type Match = RouteFound;

    fn match_nested<'a>(&'a self, path: &'a str) -> (Option<(RouteMatchId, RouteFound)>, &'a str) {
        match find(path) {
            Some(found) => (Some((found.as_id(), found)), ""),
            None => (None, path),
        }
    }

    fn generate_routes(&self) -> impl IntoIterator<Item = GeneratedRouteData> + '_ {
        let route = |(pattern, _): &(&'static str, AnyPage)| {
            let segments = pattern.split('/').skip(1);
            let segments = segments.map(|part| match part.strip_prefix(':') {
                Some(name) => PathSegment::Param(name.into()),
                None => PathSegment::Static(part.into()),
            });
            GeneratedRouteData {
                segments: segments.collect(),
                ssr_mode: SsrMode::Async,
                methods: [Method::Get].into(),
                regenerate: Vec::new(),
            }
        };
        PAGES.iter().map(route)
    }

    fn optional(&self) -> bool {
        false
    }
}

impl MatchInterface for RouteFound {
    type Child = ();

    fn as_id(&self) -> RouteMatchId {
        IDS[self.at]
    }

    fn as_matched(&self) -> &str {
        &self.path
    }

    fn into_view_and_child(self) -> (impl ChooseView, Option<()>) {
        (self.page, None)
    }
}

impl MatchParams for RouteFound {
    fn to_params(&self) -> Params {
        self.params.clone()
    }
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
        assert_eq!(page_at("/o//users"), None);
        assert_eq!(page_at("//o/rx1"), None);
        assert_eq!(page_at("/o"), None);
    }

    #[test]
    fn an_address_has_its_parameters() {
        let found = find("/o/rx1/users/u-1/roles/a-2/change").unwrap();
        let params = [("org", "rx1"), ("user", "u-1"), ("assignment", "a-2")];
        let params = params.map(|(name, value)| (Cow::from(name), value.to_owned()));
        assert_eq!(found.params, params);
        assert_ne!(found.as_id(), find("/o/rx1").unwrap().as_id());
        assert_eq!(
            found.as_id(),
            find("/o/rx2/users/u-9/roles/x/change").unwrap().as_id()
        );
    }

    /// The browser and the router agree on what stands before something else.
    #[test]
    fn every_page_is_found_at_its_own_address() {
        for (path, page) in PAGES {
            assert_eq!(page_at(&path.replace(':', "x")), Some(*page), "{path}");
        }
    }
}
