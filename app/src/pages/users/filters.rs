//! The filters of the users list, beside it.

use domain::listing::{UsersPage, UsersQuery};
use leptos::prelude::*;

use super::{Filters, List};
use crate::components::{FilterGroup, Link, SelectedFilters};

/// What the list is filtered by; values of one kind are alternatives, different kinds narrow each other
/// (J14). A kind without values is left out.
pub(super) fn view(list: List, page: &UsersPage) -> AnyView {
    let query = list.query.read_untracked().clone();
    let clinician = if page.clinician_label.is_empty() {
        "Registered clinician"
    } else {
        &page.clinician_label
    };
    let kinds = [
        ("status", "Status", &page.statuses),
        ("role", "Role", &page.roles),
        (
            "area",
            &*domain::unicode::capitalised(&page.area_label.many),
            &page.areas,
        ),
        ("codes", "2-step sign in", &page.codes),
        ("last-sign-in", "Last signed in", &page.last_sign_in),
        ("clinician", clinician, &page.clinicians),
        ("access-ends", "Access ends", &page.access_ends),
    ];
    let filters = query.filters();
    let (mut groups, mut selected) = (Vec::new(), Vec::new());
    for (name, legend, options) in kinds {
        if options.is_empty() {
            continue;
        }
        let remove = filters
            .iter()
            .filter(|filter| filter.name() == name)
            .filter_map(|filter| {
                let option = options.iter().find(|one| one.value == filter.value())?;
                let href = list.href(&query.without(filter));
                Some(Link::new(option.label.clone(), href))
            });
        selected.push(SelectedFilters {
            legend: legend.to_owned(),
            remove: remove.collect(),
        });
        groups.push(FilterGroup {
            name,
            legend: legend.to_owned(),
            hint: "",
            options: options.clone(),
        });
    }
    let clear = list.href(&UsersQuery::without_filters(&query));
    view! { <Filters what="users" groups selected clear/> }.into_any()
}
