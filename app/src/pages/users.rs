//! The users list (D1): search, filters, order and pages, all of it in the address and nowhere
//! else. Without wasm it is one GET form; with it, the results follow the typing.

use std::time::Duration;

use domain::{
    listing::{UsersPage, UsersQuery, UsersSort},
    wording::number,
};
use leptos::{ev::SubmitEvent, prelude::*, wasm_bindgen::JsCast, web_sys};
use leptos_router::{
    NavigateOptions,
    hooks::{use_location, use_navigate},
};

use super::home::organisation;
use crate::components::{
    ButtonLink, Filters, InsetText, NavigationItem, Page, Pagination, ResultSummary, SearchInput,
    SecondaryNavigation, Select, SelectOption, debounce::Debounce, form::Fields, loaded::Loaded,
};
use crate::messages::plural;
use crate::reading::{ask, reading};
use crate::server_fns::users::ReadUsers;

mod bulk;
mod filters;
mod selecting;
mod table;
mod words;

pub use selecting::Selecting;

/// How long nobody types before the results follow.
const PAUSE: Duration = Duration::from_millis(250);
/// How long after that the number of results is said.
const SAID_AFTER: Duration = Duration::from_millis(750);

/// The list of this address.
#[component]
pub fn UsersListPage() -> impl IntoView {
    let organisation = organisation();
    let search = use_location().search;
    // The first answer decides what kind of page this is; later ones only change its parts, so
    // that whoever is typing keeps the focus.
    let first = reading(move || ReadUsers {
        organisation: organisation(),
        query: search.get_untracked(),
    });
    view! { <Loaded resource=first view=|first| view! { <UsersList first/> }.into_any()/> }
}

/// What the parts of the page share.
#[derive(Clone, Copy)]
struct List {
    page: RwSignal<UsersPage>,
    /// What the shown page is an answer to.
    query: RwSignal<UsersQuery>,
    /// The address of the list, without a query.
    base: StoredValue<String>,
    busy: RwSignal<bool>,
    /// What a browser adds for selecting several people is loaded.
    selecting: RwSignal<bool>,
}

impl List {
    fn href(self, query: &UsersQuery) -> String {
        self.at(&query.to_query_string())
    }

    /// What begins with the address of the list.
    fn at(self, rest: &str) -> String {
        self.base.with_value(|base| [base, rest].concat())
    }
}

#[component]
fn UsersList(first: UsersPage) -> impl IntoView {
    let slug = organisation();
    let search = use_location().search;
    let base = ["/o/", &untrack(slug), "/users"].concat();
    let list = List {
        page: RwSignal::new(first),
        query: RwSignal::new(UsersQuery::parse(&search.get_untracked())),
        base: StoredValue::new(base.clone()),
        busy: RwSignal::new(false),
        selecting: RwSignal::new(false),
    };
    bulk::load(list);
    let said = follow_the_address(list, slug, search.into());
    let submit = submit_in_place(base.clone());
    let title = Signal::derive(move || words::title(&list.query.read(), &list.page.read()));
    let add = list.page.with_untracked(|page| page.may_invite).then(|| {
        view! { <ButtonLink href=[&base, "/add"].concat()>"Add users"</ButtonLink> }
    });
    let limits = list.page.with_untracked(words::limits);
    view! {
        <Page title="Users" heading=false document_title=title wide=true>
            <div class="app-page-heading">
                <h1 class="nhsuk-heading-l">"Users"</h1>
                {add}
            </div>
            {limits.map(|limits| view! { <InsetText><p>{limits}</p></InsetText> })}
            {move || list.page.with(|page| tabs(list, page))}
            <div class="app-columns app-users">
                <form method="get" action=base novalidate=true class="app-users__asked" on:submit=submit>
                    <div class="app-columns__side">
                        {move || list.page.with(|page| filters::view(list, page))}
                    </div>
                    <div class="app-columns__main">
                        <SearchBox list/>
                        <p class="nhsuk-u-visually-hidden" role="status">{said}</p>
                    </div>
                </form>
                <section aria-label="Results" aria-busy=move || list.busy.get().then_some("true")>
                    {move || list.page.with(|page| results(list, page))}
                </section>
            </div>
        </Page>
    }
}

/// A normal GET form; once the page is alive it changes the address and nothing jumps.
fn submit_in_place(base: String) -> impl Fn(SubmitEvent) + 'static {
    let navigate = use_navigate();
    move |event| {
        let Some(fields) = Fields::of(&event).and_then(|fields| fields.encoded()) else {
            return;
        };
        event.prevent_default();
        let options = NavigateOptions {
            scroll: false,
            ..Default::default()
        };
        navigate(&[&base, "?", &fields].concat(), options);
    }
}

/// Reads the list again whenever the address asks for something else. Returns what is said to
/// those who cannot see it change.
fn follow_the_address(
    list: List,
    slug: impl Fn() -> String + Copy + 'static,
    search: Signal<String>,
) -> RwSignal<String> {
    let said = RwSignal::new(String::new());
    let say = Debounce::new();
    let newest = StoredValue::new(0_u32);
    Effect::new(move |before: Option<String>| {
        let asked = search.get();
        if before.is_none_or(|before| before == asked) {
            return asked;
        }
        newest.update_value(|newest| *newest += 1);
        let mine = newest.get_value();
        let (slug, search) = (untrack(slug), asked.clone());
        list.busy.set(true);
        leptos::task::spawn_local(async move {
            let answer = ask(ReadUsers {
                organisation: slug,
                query: search.clone(),
            })
            .await;
            // A slower answer to an older question is of no use.
            if newest.try_get_value() != Some(mine) {
                return;
            }
            list.busy.set(false);
            let Ok(page) = answer else {
                // The whole page says what is wrong.
                let _ = window().location().reload();
                return;
            };
            let text = words::found(&page);
            let query = UsersQuery::parse(&search);
            let typed = list.query.with_untracked(|before| before.q != query.q);
            list.query.set(query);
            list.page.set(page);
            if !typed {
                request_animation_frame(tick_what_is_asked);
            }
            say.run(SAID_AFTER, move || said.set(text));
        });
        asked
    });
    said
}

/// A box that somebody has ticked keeps its tick whatever its attribute says; after the address has changed
/// it shows what is asked for.
fn tick_what_is_asked() {
    let form = document().query_selector(".app-users__asked");
    let form = form.ok().flatten();
    let Some(form) = form.and_then(|form| form.dyn_into::<web_sys::HtmlFormElement>().ok()) else {
        return;
    };
    let controls = form.elements();
    for control in (0..controls.length()).filter_map(|index| controls.item(index)) {
        if let Ok(input) = control.dyn_into::<web_sys::HtmlInputElement>() {
            input.set_checked(input.default_checked());
        }
    }
}

/// Current, Active, Pending, Expired, Inactive, All: what most people filter by, one press away.
fn tabs(list: List, page: &UsersPage) -> AnyView {
    let query = list.query.read_untracked();
    let items = words::tabs(&query, page)
        .into_iter()
        .map(|tab| {
            let text = [&tab.text, " (", &number(tab.count.into()), ")"].concat();
            NavigationItem::new(text, list.href(&tab.query), tab.current)
        })
        .collect();
    view! { <SecondaryNavigation label="Users by status" items/> }.into_any()
}

/// The search, and what the form must not lose.
#[component]
fn SearchBox(list: List) -> impl IntoView {
    let navigate = use_navigate();
    let pause = Debounce::new();
    let typed = Callback::new(move |text: String| {
        let navigate = navigate.clone();
        pause.run(PAUSE, move || {
            let query = UsersQuery {
                q: text.trim().to_owned(),
                page: 1,
                ..list.query.get_untracked()
            };
            let options = NavigateOptions {
                replace: true,
                scroll: false,
                ..NavigateOptions::default()
            };
            navigate(&list.href(&query), options);
        });
    });
    // The box follows the address, unless somebody is typing in it.
    Effect::new(move |_| {
        let asked = list.query.with(|query| query.q.clone());
        let input = document().get_element_by_id("q");
        let input = input.and_then(|input| input.dyn_into::<web_sys::HtmlInputElement>().ok());
        if let Some(input) = input
            && document().active_element().as_ref() != Some(input.as_ref())
            && input.value().trim() != asked
        {
            input.set_value(&asked);
        }
    });
    let q = list.query.with_untracked(|query| query.q.clone());
    view! {
        <search class="app-search">
            <SearchInput label="Search by name or email address" value=q on_input=typed/>
        </search>
        {move || list.query.with(order)}
    }
}

/// The order: by a select where the column headings cannot be seen, and kept by the form in any
/// case.
fn order(query: &UsersQuery) -> AnyView {
    let options = UsersSort::ALL
        .iter()
        .map(|sort| SelectOption::new(sort.as_str(), words::column(*sort)))
        .collect();
    let dir = (query.dir != query.sort.first_direction())
        .then(|| view! { <input type="hidden" name="dir" value=query.dir.as_str()/> });
    let per_page = (query.per_page != UsersQuery::PER_PAGE[0])
        .then(|| view! { <input type="hidden" name="per-page" value=query.per_page.to_string()/> });
    view! {
        <div class="app-sort-by">
            <Select name="sort" label="Sort by" options value=query.sort.to_string()/>
            <button class="nhsuk-button nhsuk-button--secondary nhsuk-button--small" type="submit">"Sort"</button>
        </div>
        {dir}
        {per_page}
    }
    .into_any()
}

/// The table with what is above and below it, or what to do when there is nothing in it.
fn results(list: List, page: &UsersPage) -> AnyView {
    let query = list.query.read_untracked().clone();
    if page.rows.is_empty() {
        return words::nobody(&query, page).view(list, &query, page);
    }
    let clear = (!query.q.is_empty()).then(|| list.href(&query.without_search()));
    let summary = clear.map(|clear| {
        view! { <ResultSummary text=words::matching(&query, page) clear_search=clear/> }
    });
    let to_page = {
        let query = query.clone();
        Callback::new(move |number: u32| list.href(&query.with_page(number)))
    };
    let alone = words::only_you(&query, page).then(|| view! { <p>"You are the only user."</p> });
    view! {
        {summary}
        {bulk::around(list, &query, page, table::view(list, &query, page))}
        {alone}
        <Pagination page=page.page pages=page.pages href=to_page/>
        {last_links(list, &query, page)}
    }
    .into_any()
}

/// "25, 50 or 100 users a page", when there is more than the smallest page; and the list as a file, for
/// those who may have it.
fn last_links(list: List, query: &UsersQuery, page: &UsersPage) -> Option<AnyView> {
    let mut items: Vec<AnyView> = Vec::new();
    if page.total > UsersQuery::PER_PAGE[0] {
        items.extend(UsersQuery::PER_PAGE.into_iter().map(|size| {
            let text = plural(size.into(), "user a page", "users a page");
            if size == query.per_page {
                return view! { <li><strong>{text}</strong></li> }.into_any();
            }
            link(list.href(&query.with_per_page(size)), text, None)
        }));
    }
    if page.may_export {
        let file = list.at(&[".csv", &query.to_query_string()].concat());
        let text = ["Export ", &words::counted(page), " as CSV"].concat();
        items.push(link(file, text, Some("external")));
    }
    if items.is_empty() {
        return None;
    }
    Some(view! { <ul class="app-actions app-per-page">{items}</ul> }.into_any())
}

/// A link in a list; `rel` is for what is no page.
fn link(href: String, text: String, rel: Option<&'static str>) -> AnyView {
    view! { <li><a class="nhsuk-link" href=href rel=rel>{text}</a></li> }.into_any()
}
