//! What surrounds every page: skip link, header, phase banner, organisation bar, footer (ux 4.4). Always in this
//! order, so that help and the way out are always in the same place.
//!
//! [`Surroundings`] puts it together and gives the [`Frame`] to the page by context.

use super::field::Text;
use super::icon::Icon;
use super::navigation::{Link, SkipLink};
use super::search::search_button;
use domain::Permission;
use domain::frame::{Frame, FrameOrganisation, Viewer};
use domain::listing::encode_query;
use leptos::{ev, html, prelude::*};
use leptos_router::{
    NavigateOptions,
    hooks::{use_location, use_navigate},
};

use crate::{
    browser::use_browser,
    reading::{Reading, reading},
    server_fns::frame::ReadFrame,
};

/// Where the sign-out button posts to.
pub(super) const SIGN_OUT: &str = "/fn/session/sign-out";

/// The frame of the page that is shown, and how to have it read again.
#[derive(Clone, Copy)]
pub struct FrameContext {
    frame: RwSignal<Frame>,
    resource: Reading<Frame>,
    /// The organisation of the address.
    slug: Memo<String>,
    /// The path of the page to which the last action leads: a message may be there before it is.
    awaited: StoredValue<String>,
}

impl FrameContext {
    /// Reads the frame again: after an action that may have changed who is signed in, or left a
    /// message. An action that leads to another organisation has it read by the change of address:
    /// a second reading would take the message, which is told once, and be thrown away.
    pub fn refresh(self, way: Option<&str>) {
        if let Some(way) = way {
            let path = way.split(['?', '#']).next().unwrap_or_default();
            self.awaited.set_value(path.to_owned());
        }
        let stays = |way: &str| {
            self.slug
                .with_untracked(|slug| *slug == organisation_slug(way))
        };
        if way.is_none_or(stays) {
            self.resource.again();
        }
    }

    /// Waits until the frame is known. On the server a page is written after its frame, because
    /// its title and banner come from there; in the browser the frame is there already, or
    /// follows by its signal.
    pub async fn ready(self) {
        if cfg!(feature = "ssr") {
            let frame = self.resource.load().await.unwrap_or_default();
            self.frame.set(frame);
        }
    }
}

/// The frame of the page that is shown, as pages see it.
#[derive(Clone, Copy)]
pub struct ShownFrame(pub RwSignal<Frame>);

/// The frame of the page that is shown.
pub fn use_frame() -> Signal<Frame> {
    use_context::<ShownFrame>().map_or_else(
        || Signal::stored(Frame::default()),
        |ShownFrame(frame)| frame.into(),
    )
}

/// The code of the organisation that an address is in; empty outside of organisations.
fn organisation_slug(path: &str) -> String {
    path.strip_prefix("/o/")
        .and_then(|rest| rest.split(['/', '?', '#']).next())
        .unwrap_or_default()
        .to_owned()
}

/// Everything around the pages. The header is read when the organisation changes and after
/// actions; until the new one is there the old one stays, so that nothing jumps.
#[component]
pub fn Surroundings(children: Children) -> impl IntoView {
    let path = use_location().pathname;
    let slug = Memo::new(move |_| path.with(|path| organisation_slug(path)));
    let resource = reading(move || ReadFrame {
        organisation: slug.get(),
    });
    // The server has nothing yet; the browser has what the page brought.
    let known = if cfg!(feature = "ssr") {
        None
    } else {
        resource.now().and_then(Result::ok)
    };
    let frame = RwSignal::new(known.unwrap_or_default());
    provide_context(ShownFrame(frame));
    let context = FrameContext {
        frame,
        resource,
        slug,
        awaited: StoredValue::default(),
    };
    provide_context(context);
    if let Some(browser) = use_browser() {
        let stay = Callback::new(move |()| context.refresh(None));
        Effect::new(move |_| {
            let viewer = frame.with(|frame| frame.viewer.as_ref().map(|viewer| viewer.session));
            (browser.session)(viewer, stay);
        });
    }
    // A message is shown once: it is gone with the page it was for.
    Effect::new(move |before: Option<String>| {
        let path = path.get();
        if before.is_some_and(|before| before != path) {
            let awaited = std::mem::take(&mut *context.awaited.write_value());
            if awaited != path && frame.with_untracked(|frame| frame.notice.is_some()) {
                frame.update(|frame| frame.notice = None);
            }
        }
        path
    });
    view! {
        <SkipLink/>
        <Transition>
            {move || Suspend::new(async move {
                let loaded = resource.load().await.unwrap_or_default();
                frame.set(loaded.clone());
                view! { <Top frame=loaded path=path.into()/> }
            })}
        </Transition>
        {children()}
        <Footer/>
    }
}

/// Everything above a page.
#[component]
pub fn Top(frame: Frame, path: Signal<String>) -> impl IntoView {
    let can_change = frame
        .viewer
        .as_ref()
        .is_some_and(|viewer| viewer.organisations > 1);
    let bar = frame.organisation.clone().map(|organisation| {
        view! { <OrganisationBar organisation can_change path/> }
    });
    view! {
        <Header frame path/>
        <PhaseBanner/>
        {bar}
    }
}

/// The header: name of the service; inside an organisation a search for users and the navigation; the person's
/// own name and the way out.
#[component]
pub fn Header(frame: Frame, path: Signal<String>) -> impl IntoView {
    let Frame {
        service_name,
        viewer,
        organisation,
        ..
    } = frame;
    let name = service_name_or_default(service_name);
    let home = organisation.as_ref().map_or_else(
        || "/".to_owned(),
        |organisation| ["/o/", &organisation.slug].concat(),
    );
    let search = organisation
        .as_ref()
        .filter(|organisation| may(organisation, Permission::UsersView))
        .map(|organisation| view! { <HeaderSearch action=["/o/", &organisation.slug, "/users"].concat()/> });
    let navigation = organisation
        .as_ref()
        .map(organisation_links)
        .map(|links| view! { <HeaderNavigation links path/> });
    view! {
        <header class="nhsuk-header" data-module="nhsuk-header" role="banner">
            <div class="nhsuk-header__container nhsuk-width-container">
                <div class="nhsuk-header__service">
                    <a class="nhsuk-header__service-name app-wordmark" href=home>
                        {wordmark()}
                        {name}
                    </a>
                </div>
                {search}
                {viewer.map(account)}
            </div>
            {navigation}
        </header>
    }
}

fn service_name_or_default(name: String) -> String {
    if name.is_empty() {
        "Lanyard".to_owned()
    } else {
        name
    }
}

fn may(organisation: &FrameOrganisation, permission: Permission) -> bool {
    organisation
        .permissions
        .iter()
        .any(|held| held == permission.as_str())
}

/// The pages of an organisation that this person can use: one line for each that exists.
fn organisation_links(organisation: &FrameOrganisation) -> Vec<Link> {
    let base = ["/o/", &organisation.slug].concat();
    let mut links = vec![Link::new("Home", base.clone())];
    if may(organisation, Permission::UsersView) {
        links.push(Link::new("Users", [&base, "/users"].concat()));
    }
    // Everybody in the organisation may read what the roles can do (J04).
    links.push(Link::new("Roles", [&base, "/roles"].concat()));
    if may(organisation, Permission::ActivityView) {
        links.push(Link::new("Activity", [&base, "/activity"].concat()));
    }
    links
}

/// The picture beside the name of the service: a card on a lanyard.
fn wordmark() -> AnyView {
    view! {
        <svg class="app-wordmark__mark" xmlns="http://www.w3.org/2000/svg" viewBox="8 1 16 29" focusable="false" aria-hidden="true">
            <path d="M9.5 1 16 12.5 22.5 1" fill="none" stroke="#8fd3e8" stroke-width="2.4" stroke-linejoin="round" stroke-linecap="round"></path>
            <rect x="8.5" y="12.5" width="15" height="15.5" rx="2.5" fill="#fff"></rect>
            <circle cx="16" cy="18" r="2.3" fill="#00506b"></circle>
            <path d="M11.8 25.2a4.2 4.2 0 0 1 8.4 0z" fill="#00506b"></path>
        </svg>
    }
    .into_any()
}

fn account(viewer: Viewer) -> AnyView {
    view! {
        <nav class="nhsuk-header__account" aria-label="Account">
            <ul class="nhsuk-header__account-list">
                <li class="nhsuk-header__account-item">
                    <a class="nhsuk-header__account-link" href="/account">
                        {Icon::User.view()}
                        {viewer.name}
                    </a>
                </li>
                <li class="nhsuk-header__account-item">
                    <form class="nhsuk-header__account-form" action=SIGN_OUT method="post" novalidate=true>
                        <button class="nhsuk-header__account-button">"Sign out"</button>
                    </form>
                </li>
            </ul>
        </nav>
    }
    .into_any()
}

/// A normal GET form; once the page is alive it changes the page without loading it anew.
#[component]
fn HeaderSearch(action: String) -> impl IntoView {
    let input = NodeRef::<html::Input>::new();
    let navigate = use_navigate();
    let list = action.clone();
    let search = move |event: ev::SubmitEvent| {
        if let Some(input) = input.get_untracked() {
            event.prevent_default();
            let query = encode_query(&[("q", input.value())]);
            navigate(
                &[list.as_str(), &query].concat(),
                NavigateOptions::default(),
            );
        }
    };
    view! {
        <search class="nhsuk-header__search">
            <form class="nhsuk-header__search-form" id="search" action=action method="get" novalidate=true on:submit=search>
                <div class="nhsuk-form-group">
                    <label class="nhsuk-label nhsuk-u-visually-hidden" for="search-field">
                        "Search users by name or email address"
                    </label>
                    <div class="nhsuk-input-wrapper">
                        <input
                            class="nhsuk-input"
                            id="search-field"
                            name="q"
                            type="search"
                            autocomplete="off"
                            placeholder="Name or email"
                            node_ref=input
                        />
                        {search_button("", "")}
                    </div>
                </div>
            </form>
        </search>
    }
}

/// The menu. Where the person is follows the address.
#[component]
fn HeaderNavigation(links: Vec<Link>, path: Signal<String>) -> impl IntoView {
    let items: Vec<AnyView> = links
        .into_iter()
        .enumerate()
        .map(|(index, Link { text, href })| {
            let place = href.clone();
            // Home is only where it leads; the others are current on the pages below them too.
            let current = Memo::new(move |_| path.with(|path| is_at(path, &place, index > 0)));
            let class = Signal::derive(move || {
                if current.get() {
                    "nhsuk-header__navigation-item nhsuk-header__navigation-item--current"
                } else {
                    "nhsuk-header__navigation-item"
                }
            });
            let aria_current = Signal::derive(move || current.get().then_some("page"));
            let words = move || {
                if current.get() {
                    view! { <strong class="nhsuk-header__navigation-item-current-fallback">{text.clone()}</strong> }.into_any()
                } else {
                    text.clone().into_any()
                }
            };
            view! {
                <li class=class>
                    <a class="nhsuk-header__navigation-link" href=href aria-current=aria_current>
                        {words}
                    </a>
                </li>
            }
            .into_any()
        })
        .collect();
    view! {
        <nav class="nhsuk-header__navigation" aria-label="Menu">
            <div class="nhsuk-header__navigation-container nhsuk-width-container">
                <ul class="nhsuk-header__navigation-list">{items}</ul>
            </div>
        </nav>
    }
}

fn is_at(path: &str, place: &str, below: bool) -> bool {
    path.strip_prefix(place)
        .is_some_and(|rest| rest.is_empty() || (below && rest.starts_with('/')))
}

/// What stage the service is in.
#[component]
pub fn PhaseBanner() -> impl IntoView {
    view! {
        <section class="app-phase-banner" aria-label="Stage of this service">
            <div class="nhsuk-width-container">
                <p class="app-phase-banner__content">
                    <strong class="nhsuk-tag nhsuk-tag--white app-phase-banner__tag">"Beta"</strong>
                    <span class="app-phase-banner__text">
                        "This is a new service. Your " <a href="/contact">"feedback"</a> " will help us to improve it."
                    </span>
                </p>
            </div>
        </section>
    }
}

/// Which organisation this page acts on. "Change organisation" is there for people who have another one.
#[component]
pub fn OrganisationBar(
    organisation: FrameOrganisation,
    can_change: bool,
    path: Signal<String>,
) -> impl IntoView {
    let change = can_change.then(|| {
        let href = Signal::derive(move || {
            [
                "/choose-organisation",
                &encode_query(&[("return-to", path.get())]),
            ]
            .concat()
        });
        view! { <a class="nhsuk-link app-org-bar__link" href=href>"Change organisation"</a> }
    });
    view! {
        <section class="app-org-bar" aria-label="Organisation">
            <div class="nhsuk-width-container app-org-bar__inner">
                <p class="app-org-bar__name">
                    <span class="nhsuk-u-visually-hidden">"You are managing "</span>
                    <strong>{organisation.name}</strong>
                    " "
                    <span class="app-org-bar__code">{organisation.code}</span>
                </p>
                {change}
            </div>
        </section>
    }
}

/// Help and the small print, the same on every page.
#[component]
pub fn Footer() -> impl IntoView {
    let links = [
        ("/help", "Help"),
        ("/contact", "Contact us"),
        ("/accessibility-statement", "Accessibility statement"),
        ("/cookies", "Cookies"),
        ("/privacy", "Privacy"),
        ("/terms", "Terms"),
        ("/third-party-notices", "Third-party notices"),
    ];
    let items: Vec<AnyView> = links
        .into_iter()
        .map(|(href, text)| {
            view! {
                <li class="nhsuk-footer__list-item">
                    <a class="nhsuk-footer__list-item-link" href=href>
                        {text}
                    </a>
                </li>
            }
            .into_any()
        })
        .collect();
    view! {
        <footer class="nhsuk-footer" role="contentinfo">
            <div class="nhsuk-width-container">
                <div class="nhsuk-footer__meta">
                    <h2 class="nhsuk-u-visually-hidden">"Support links"</h2>
                    <ul class="nhsuk-footer__list">{items}</ul>
                </div>
            </div>
        </footer>
    }
}

/// Small words above a heading: the name of the journey, or what a thing is.
#[component]
pub fn Caption(
    #[prop(into)] text: Text,
    /// "m", "l" or "xl".
    #[prop(default = "l")]
    size: &'static str,
) -> impl IntoView {
    view! { <span class=["nhsuk-caption-", size].concat()>{text.into_option()}</span> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_organisation_is_in_the_address() {
        assert_eq!(organisation_slug("/o/rx1/users?q=a/b"), "rx1");
        assert_eq!(organisation_slug("/o/rx1?draft=x"), "rx1");
        assert_eq!(organisation_slug("/o/rx1"), "rx1");
        assert_eq!(organisation_slug("/sign-in?return-to=/o/rx1"), "");
    }

    #[test]
    fn the_menu_follows_the_address() {
        assert!(is_at("/o/rx1/users/u-1", "/o/rx1/users", true));
        assert!(is_at("/o/rx1/users", "/o/rx1/users", true));
        assert!(!is_at("/o/rx1/users", "/o/rx1", false));
        assert!(!is_at("/o/rx1/usersx", "/o/rx1/users", true));
    }

    /// J05: what a person may not use is not offered.
    #[test]
    fn the_menu_has_only_what_the_person_can_use() {
        let mut organisation = FrameOrganisation {
            slug: "rx1".to_owned(),
            ..FrameOrganisation::default()
        };
        let hrefs = |organisation: &FrameOrganisation| -> Vec<String> {
            let links = organisation_links(organisation).into_iter();
            links.map(|link| link.href).collect()
        };
        assert_eq!(hrefs(&organisation), ["/o/rx1", "/o/rx1/roles"]);
        organisation.permissions.push("users.view".to_owned());
        assert_eq!(
            hrefs(&organisation),
            ["/o/rx1", "/o/rx1/users", "/o/rx1/roles"]
        );
    }
}
