//! What happened in an organisation (J1) and to one person (E10): newest first, by day, with filters in the
//! address. One GET form, with and without wasm.

use domain::{
    activity::{ActivityEvent, ActivityPage, ActivityPerson, ActivityQuery, ActivityType},
    home::ActivityItem,
    listing::encode_query,
};
use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_params_map};

use super::home::organisation;
use crate::components::{
    DateInput, FilterGroup, InsetText, Link, NewerOlder, Page, TextInput, Timeline, TimelineItem,
    UndoButton, filter_group, form::FormContext, loaded::Loaded,
};
use crate::error::AppError;
use crate::messages::activity_type;
use crate::reading::reading;
use crate::server_fns::activity::ReadActivity;

/// The activity of an organisation, or of the person of this address.
#[component]
pub fn ActivityListPage() -> impl IntoView {
    let params = use_params_map();
    let param = move |name: &str| params.with(|params| params.get(name).unwrap_or_default());
    let search = use_location().search;
    let resource = reading(move || ReadActivity {
        organisation: param("org"),
        user: param("user"),
        query: search.get(),
    });
    view! { <Loaded resource view=|page| view! { <Activity page/> }.into_any()/> }
}

#[component]
fn Activity(page: ActivityPage) -> impl IntoView {
    let query = ActivityQuery::parse(&use_location().search.get_untracked());
    let slug = untrack(organisation());
    let refused = (!page.violations.is_empty()).then(|| AppError::Invalid(page.violations.clone()));
    // Each answer has its own: the fields of the one before are gone, and must hear of nothing more.
    provide_context(FormContext {
        error: RwSignal::new(refused),
        values: StoredValue::default(),
    });
    let base = ["/o/", &slug].concat();
    let place = Place::new(&base, page.person.as_ref());
    let limits = (!page.limited_to.is_empty()).then(|| {
        let text = [
            "You can see what is about people in: ",
            &page.limited_to.join(", "),
        ]
        .concat();
        view! { <InsetText><p>{text}</p></InsetText> }
    });
    let filters = filters(&query, &place, &page);
    let results = results(&page, &query, &place);
    let breadcrumb = match &page.person {
        Some(person) => vec![
            Link::new("Users", [&base, "/users"].concat()),
            Link::new(person.name.clone(), place.user.clone()),
        ],
        None => Vec::new(),
    };
    let caption = page.person.as_ref().map(|person| person.name.clone());
    let title = match &caption {
        Some(name) => ["Activity: ", name].concat(),
        None => "Activity".to_owned(),
    };
    let elsewhere = page.person.as_ref().map(|person| done_by(&base, person));
    view! {
        <Page
            title="Activity"
            document_title=Signal::stored(title)
            nostrip:caption=caption
            breadcrumb
            wide=true
        >
            {limits}
            <div class="app-columns">
                <div class="app-columns__side">
                    <form method="get" action=place.here.clone() novalidate=true>{filters}</form>
                </div>
                <div class="app-columns__main">
                    {results}
                    {elsewhere}
                </div>
            </div>
        </Page>
    }
}

/// The addresses of the page.
struct Place {
    here: String,
    csv: String,
    /// The id of the person, for the file; empty for everybody.
    person: String,
    user: String,
}

impl Place {
    fn new(base: &str, person: Option<&ActivityPerson>) -> Self {
        let id = person
            .map(|person| person.id.to_string())
            .unwrap_or_default();
        let user = [base, "/users/", &id].concat();
        Self {
            here: if id.is_empty() {
                [base, "/activity"].concat()
            } else {
                [&user, "/activity"].concat()
            },
            csv: [base, "/activity.csv"].concat(),
            person: id,
            user,
        }
    }

    fn href(&self, query: &ActivityQuery) -> String {
        [self.here.as_str(), &query.to_query_string()].concat()
    }

    fn file(&self, query: &ActivityQuery) -> String {
        let filters = query.first_page().to_query_string();
        if self.person.is_empty() {
            return [self.csv.as_str(), &filters].concat();
        }
        let person = encode_query(&[("user", &self.person)]);
        [self.csv.as_str(), &person, &filters.replacen('?', "&", 1)].concat()
    }
}

/// Where to find what somebody did to others.
fn done_by(base: &str, person: &ActivityPerson) -> AnyView {
    let query = encode_query(&[("by", &person.email)]);
    let href = [base, "/activity", &query].concat();
    let words = ["See what ", &person.name, " did"].concat();
    view! { <p><a href=href>{words}</a></p> }.into_any()
}

fn filters(query: &ActivityQuery, place: &Place, page: &ActivityPage) -> AnyView {
    let filtered = query.is_filtered();
    let people = place.person.is_empty().then(|| {
        view! {
            <TextInput
                name="person"
                label="Person"
                hint="Name or email address"
                value=query.person.clone()
                no_spellcheck=true
                autocomplete="off"
            />
        }
    });
    let clear = filtered.then(|| {
        view! { <p class="nhsuk-body-s"><a href=place.here.clone()>"Clear filters"</a></p> }
    });
    let options: Vec<AnyView> = ActivityType::ALL
        .iter()
        // Signing in belongs to a person, not to an organisation, and is recorded elsewhere.
        .filter(|about| **about != ActivityType::SignIn)
        .map(|about| option(*about, query.types.contains(about)))
        .collect();
    let areas = (!page.areas.is_empty()).then(|| {
        filter_group(FilterGroup {
            name: "area",
            legend: domain::unicode::capitalised(&page.area_label.many),
            hint: "About people who have a role there now",
            options: page.areas.clone(),
        })
    });
    view! {
        <details class="nhsuk-details nhsuk-expander app-filter-disclosure" open=filtered>
            <summary class="nhsuk-details__summary">
                <span class="nhsuk-details__summary-text">"Filter activity"</span>
            </summary>
            <div class="nhsuk-details__text">
                <div class="app-filter">
                    {clear}
                    {people}
                    <TextInput
                        name="by"
                        label="Done by"
                        hint="Name or email address"
                        value=query.by.clone()
                        no_spellcheck=true
                        autocomplete="off"
                    />
                    <fieldset class="nhsuk-fieldset app-filter__group">
                        <legend class="nhsuk-fieldset__legend">"Type"</legend>
                        <div class="nhsuk-checkboxes nhsuk-checkboxes--small">{options}</div>
                    </fieldset>
                    {areas}
                    <DateInput name="from" legend="Start date" hint="For example, 27 3 2026" value=query.from.clone()/>
                    <DateInput name="to" legend="End date" value=query.to.clone()/>
                    <button class="nhsuk-button nhsuk-button--secondary nhsuk-button--small" type="submit">
                        "Apply filters"
                    </button>
                </div>
            </div>
        </details>
    }
    .into_any()
}

fn option(about: ActivityType, selected: bool) -> AnyView {
    let id = ["type-", about.as_str()].concat();
    view! {
        <div class="nhsuk-checkboxes__item">
            <input
                class="nhsuk-checkboxes__input"
                id=id.clone()
                name="type"
                type="checkbox"
                value=about.as_str()
                checked=selected
            />
            <label class="nhsuk-label nhsuk-checkboxes__label" for=id>{activity_type(about)}</label>
        </div>
    }
    .into_any()
}

fn results(page: &ActivityPage, query: &ActivityQuery, place: &Place) -> AnyView {
    if !page.violations.is_empty() {
        return ().into_any();
    }
    if page.events.is_empty() {
        let words = if query.is_filtered() {
            view! {
                <p>"No activity matches these filters."</p>
                <p><a href=place.here.clone()>"Clear filters"</a></p>
            }
            .into_any()
        } else {
            view! { <p>"There is no activity yet."</p> }.into_any()
        };
        return words;
    }
    let ends = page.events.first().zip(page.events.last());
    let (newer, older) = ends.map_or((None, None), |(first, last)| {
        (
            page.newer
                .then(|| place.href(&query.newer_than(first.sequence))),
            page.older
                .then(|| place.href(&query.older_than(last.sequence))),
        )
    });
    let items = page.events.iter().cloned().map(timeline_item).collect();
    let words = if query.is_filtered() {
        "Export what matches as CSV"
    } else {
        "Export all activity as CSV"
    };
    view! {
        <Timeline items/>
        <NewerOlder newer older what="activity"/>
        <p class="app-no-print"><a href=place.file(query) download="" rel="external">{words}</a></p>
    }
    .into_any()
}

/// An event as an item of a timeline.
pub fn timeline_item(event: ActivityEvent) -> TimelineItem {
    let (change, about) = (event.undo, event.back);
    let action = (!change.is_empty()).then(|| view! { <UndoButton change about/> }.into_any());
    TimelineItem {
        text: event.text,
        action,
        ..short_item(event.item)
    }
}

/// An event with nothing below its sentence.
pub fn short_item(item: ActivityItem) -> TimelineItem {
    TimelineItem {
        title: item.title,
        href: item.href,
        // Who did it to themselves is named in the sentence.
        by: if item.actor == item.subject {
            String::new()
        } else {
            item.actor
        },
        at: item.at,
        text: String::new(),
        action: None,
    }
}
