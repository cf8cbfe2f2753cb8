//! The filters of the users list, beside it.

use domain::listing::{Filter, FilterOption, UsersPage, UsersQuery};
use leptos::prelude::*;

use super::{Filters, List};
use crate::components::{FilterGroup, Link, SelectedFilters};

/// Status, role and area; those of one kind are alternatives, different kinds narrow each other
/// (J14).
pub(super) fn view(list: List, page: &UsersPage) -> AnyView {
    let query = list.query.read_untracked().clone();
    let areas = domain::unicode::capitalised(&page.area_label.many);
    let mut groups = vec![
        FilterGroup {
            name: "status",
            legend: "Status".to_owned(),
            options: page.statuses.clone(),
        },
        FilterGroup {
            name: "role",
            legend: "Role".to_owned(),
            options: page.roles.clone(),
        },
    ];
    if !page.areas.is_empty() {
        groups.push(FilterGroup {
            name: "area",
            legend: areas.clone(),
            options: page.areas.clone(),
        });
    }
    let chosen = |legend: &str, kind: fn(&Filter) -> Option<&str>, options: &[FilterOption]| {
        let filters = query.filters();
        let remove = filters.iter().filter_map(|filter| {
            let value = kind(filter)?;
            let option = options.iter().find(|option| option.value == value)?;
            Some(Link::new(
                option.label.clone(),
                list.href(&query.without(filter)),
            ))
        });
        SelectedFilters {
            legend: legend.to_owned(),
            remove: remove.collect(),
        }
    };
    let selected = vec![
        chosen("Status", status, &page.statuses),
        chosen("Role", role, &page.roles),
        chosen(&areas, area, &page.areas),
    ];
    let clear = list.href(&UsersQuery::without_filters(&query));
    view! { <Filters what="users" groups selected clear/> }.into_any()
}

fn status(filter: &Filter) -> Option<&str> {
    match filter {
        Filter::Status(status) => Some(status.as_str()),
        _ => None,
    }
}

fn role(filter: &Filter) -> Option<&str> {
    match filter {
        Filter::Role(role) => Some(role),
        _ => None,
    }
}

fn area(filter: &Filter) -> Option<&str> {
    match filter {
        Filter::Area(area) => Some(area),
        _ => None,
    }
}
