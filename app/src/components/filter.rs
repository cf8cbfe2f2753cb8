//! Filters of a list: the chosen ones as tags that can be removed, then the options with their counts (ux 6.10).
//!
//! They are part of a GET form: filters live in the address and nowhere else. In a column beside the list where
//! there is room, inside a disclosure above it elsewhere.

use super::area_tree::depth_class;
use super::field::{Text, join, waiting};
use super::navigation::Link;
use domain::listing::FilterOption;
use domain::search::fold;
use domain::wording::number;
use leptos::{html, prelude::*};

/// Groups with more options than this get a box to filter them and scroll.
const LONG: usize = 8;
/// As many groups stand open; the rest are behind "More filters".
const GROUPS: usize = 5;

/// One filter: what it is about, and its values.
pub struct FilterGroup {
    /// The name in the address: "status".
    pub name: &'static str,
    pub legend: String,
    /// What the values mean, where the legend does not say it.
    pub hint: &'static str,
    pub options: Vec<FilterOption>,
}

/// The values of one filter that are on, each with the address that takes it off.
pub struct SelectedFilters {
    pub legend: String,
    pub remove: Vec<Link>,
}

/// The filters. At most 5 groups, and "More filters", open while one of them is on.
#[component]
pub fn Filters(
    /// What is filtered: "users".
    #[prop(into)]
    what: String,
    mut groups: Vec<FilterGroup>,
    selected: Vec<SelectedFilters>,
    /// The address of the list without filters.
    #[prop(into)]
    clear: String,
) -> impl IntoView {
    let count: usize = selected.iter().map(|group| group.remove.len()).sum();
    let mut summary = ["Filter ", &what].concat();
    if count > 0 {
        summary.push_str(" (");
        summary.push_str(&number(count as u64));
        summary.push_str(" selected)");
    }
    let chosen = (count > 0).then(|| selected_filters(selected, clear));
    let rest = groups.split_off(groups.len().min(GROUPS));
    let more = (!rest.is_empty()).then(|| more_filters(rest));
    let groups: Vec<AnyView> = groups.into_iter().map(filter_group).collect();
    let apply = || {
        view! {
            <button class="nhsuk-button nhsuk-button--secondary nhsuk-button--small" type="submit">"Apply filters"</button>
        }
    };
    let open = count > 0;
    view! {
        <details class="nhsuk-details nhsuk-expander app-filter-disclosure" open=open>
            <summary class="nhsuk-details__summary">
                <span class="nhsuk-details__summary-text">{summary}</span>
            </summary>
            <div class="nhsuk-details__text">
                <div class="app-filter">{chosen} {apply()} {groups} {more} {apply()}</div>
            </div>
        </details>
    }
}

fn selected_filters(selected: Vec<SelectedFilters>, clear: String) -> AnyView {
    let groups: Vec<AnyView> = selected
        .into_iter()
        .filter(|group| !group.remove.is_empty())
        .map(|group| {
            let tags: Vec<AnyView> = group
                .remove
                .into_iter()
                .map(|link| {
                    view! {
                        <li>
                            <a href=link.href>
                                <span class="nhsuk-u-visually-hidden">"Remove filter: "</span>
                                {link.text}
                            </a>
                        </li>
                    }
                    .into_any()
                })
                .collect();
            view! {
                <h3 class="nhsuk-heading-xs">{group.legend}</h3>
                <ul class="app-filter__tags">{tags}</ul>
            }
            .into_any()
        })
        .collect();
    view! {
        <div class="app-filter__selected">
            <h2 class="nhsuk-heading-s">"Selected filters"</h2>
            <p><a href=clear>"Clear filters"</a></p>
            {groups}
        </div>
    }
    .into_any()
}

fn more_filters(groups: Vec<FilterGroup>) -> AnyView {
    let on = |group: &FilterGroup| group.options.iter().any(|option| option.selected);
    let open = groups.iter().any(on);
    let groups: Vec<AnyView> = groups.into_iter().map(filter_group).collect();
    view! {
        <details class="app-filter__more" open=open>
            <summary class="app-filter__more-summary">"More filters"</summary>
            {groups}
        </details>
    }
    .into_any()
}

/// The values of one filter with its name.
pub fn filter_group(group: FilterGroup) -> AnyView {
    let long = group.options.len() > LONG;
    let id = ["filter-", group.name].concat();
    let (wanted, set_wanted) = signal(String::new());
    let filter = long.then(|| filter_box(&id, &group.legend, set_wanted));
    let options: Vec<AnyView> = group
        .options
        .into_iter()
        .enumerate()
        .map(|(index, option)| {
            let id = if index == 0 {
                id.clone()
            } else {
                [&id, "-", &(index + 1).to_string()].concat()
            };
            let name = fold(&option.label);
            let hidden = long.then(|| {
                Signal::derive(move || {
                    wanted.with(|wanted| !wanted.is_empty() && !name.contains(wanted.as_str()))
                })
            });
            let label = match option.count {
                Some(count) => [&option.label, " (", &number(count.into()), ")"].concat(),
                None => option.label,
            };
            view! {
                <div class=join("nhsuk-checkboxes__item", &depth_class(option.depth)) hidden=hidden>
                    <input
                        class="nhsuk-checkboxes__input"
                        id=id.clone()
                        name=group.name
                        type="checkbox"
                        value=option.value
                        checked=option.selected
                    />
                    <label class="nhsuk-label nhsuk-checkboxes__label" for=id>{label}</label>
                </div>
            }
            .into_any()
        })
        .collect();
    let list = view! { <div class="nhsuk-checkboxes nhsuk-checkboxes--small">{options}</div> };
    let list = if long {
        view! { <div class="app-filter__options">{list}</div> }.into_any()
    } else {
        list.into_any()
    };
    let described = (!group.hint.is_empty()).then(|| [&id, "-hint"].concat());
    let hint = described
        .clone()
        .map(|id| view! { <div class="nhsuk-hint" id=id>{group.hint}</div> });
    view! {
        <fieldset class="nhsuk-fieldset app-filter__group" aria-describedby=described>
            <legend class="nhsuk-fieldset__legend">{group.legend}</legend>
            {hint} {filter} {list}
        </fieldset>
    }
    .into_any()
}

/// Filters the options of a long group; hidden until it works, and never posted.
fn filter_box(id: &str, legend: &str, set_wanted: WriteSignal<String>) -> AnyView {
    let id = [id, "-find"].concat();
    let input = NodeRef::<html::Input>::new();
    let typed = move |_| {
        if let Some(input) = input.get_untracked() {
            set_wanted.set(fold(input.value().trim()));
        }
    };
    let label = ["Find in ", &domain::unicode::lowercase(legend)].concat();
    view! {
        <div class=waiting("nhsuk-form-group nhsuk-u-margin-bottom-2")>
            <label class="nhsuk-label" for=id.clone()>{label}</label>
            <input class="nhsuk-input" id=id type="search" autocomplete="off" spellcheck="false" node_ref=input on:input=typed/>
        </div>
    }
    .into_any()
}

/// "Showing 3 users matching “smith”." with the way back to all of them.
#[component]
pub fn ResultSummary(
    #[prop(into)] text: Text,
    /// The address without the search, when there is one.
    #[prop(optional, into)]
    clear_search: Option<String>,
) -> impl IntoView {
    let clear = clear_search.map(|href| view! { <p><a href=href>"Clear search"</a></p> });
    view! { <div class="app-result-summary"><p>{text.into_option()}</p> {clear}</div> }
}
