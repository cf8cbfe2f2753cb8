//! The values of the filters of the users list, with how many people have each (6.10).

use domain::{
    Policy, ShownStatus,
    area::{AreaNode, AreaTree},
    listing::{AccessEnds, Codes, FilterOption, LastSignIn, UsersQuery},
};
use store::{MemberCounts, RoleRow};

use super::asks_for_clinicians;
use crate::Reach;

pub(super) fn statuses(
    query: &UsersQuery,
    policy: &Policy,
    counts: &MemberCounts,
) -> Vec<FilterOption> {
    let option = |status: &ShownStatus| FilterOption {
        value: status.to_string(),
        label: policy.status_label(*status).to_owned(),
        count: Some(counts.status(*status)),
        // "All" is every box, so that one of them can be taken away.
        selected: query.all || query.status.contains(status),
        depth: 0,
    };
    ShownStatus::ALL.iter().map(option).collect()
}

pub(super) fn roles(
    query: &UsersQuery,
    roles: &[RoleRow],
    counts: &MemberCounts,
) -> Vec<FilterOption> {
    roles
        .iter()
        .map(|role| FilterOption {
            value: role.key.clone(),
            label: role.name.clone(),
            count: Some(counts.current_with_role(role.id)),
            selected: query.role.contains(&role.key),
            depth: 0,
        })
        .collect()
}

/// The areas that the actor may see, those that are closed only while somebody is left in them.
pub(super) fn areas(
    query: &UsersQuery,
    tree: &AreaTree,
    reach: &Reach,
    counts: &MemberCounts,
) -> Vec<FilterOption> {
    let seen = |node: &&AreaNode| reach.covers(None) || reach.covers(Some(node.area.id));
    tree.nodes()
        .iter()
        .filter(seen)
        .filter_map(|node| {
            let value = node.area.id.to_string();
            let count = counts.current_in_area(node.area.id);
            let selected = query.area.contains(&value);
            (!node.area.closed || count > 0 || selected).then(|| FilterOption {
                value,
                label: node.label(),
                count: Some(count),
                selected,
                depth: node.depth,
            })
        })
        .collect()
}

/// 2-step sign in. Counts are kept of the whole organisation only, and say nothing to who sees a part of it.
pub(super) fn codes(query: &UsersQuery, reach: &Reach, counts: &MemberCounts) -> Vec<FilterOption> {
    let option = |codes: &Codes| FilterOption {
        value: codes.to_string(),
        label: match codes {
            Codes::On => "On",
            Codes::Off => "Off",
        }
        .to_owned(),
        count: reach
            .covers(None)
            .then(|| counts.current_with_codes(*codes)),
        selected: query.codes.contains(codes),
        depth: 0,
    };
    Codes::ALL.iter().map(option).collect()
}

/// Nobody counts these: they change with every hour.
pub(super) fn last_sign_in(query: &UsersQuery) -> Vec<FilterOption> {
    let option = |when: &LastSignIn| FilterOption {
        value: when.to_string(),
        label: match when {
            LastSignIn::Never => "Never".to_owned(),
            days => ["Not for ", days.as_str(), " days"].concat(),
        },
        count: None,
        selected: query.last_sign_in.contains(when),
        depth: 0,
    };
    LastSignIn::ALL.iter().map(option).collect()
}

/// Nothing where the organisation does not ask for it.
pub(super) fn clinicians(
    query: &UsersQuery,
    policy: &Policy,
    reach: &Reach,
    counts: &MemberCounts,
) -> Vec<FilterOption> {
    let yes = || FilterOption {
        value: UsersQuery::YES.to_owned(),
        label: "Yes".to_owned(),
        count: reach.covers(None).then(|| counts.current_clinicians()),
        selected: query.clinician,
        depth: 0,
    };
    let asked = asks_for_clinicians(policy).then(yes);
    asked.into_iter().collect()
}

/// Not counted either.
pub(super) fn access_ends(query: &UsersQuery) -> Vec<FilterOption> {
    let option = |when: &AccessEnds| FilterOption {
        value: when.to_string(),
        label: match when {
            AccessEnds::Week => "This week",
            AccessEnds::Month => "This month",
        }
        .to_owned(),
        count: None,
        selected: query.access_ends.contains(when),
        depth: 0,
    };
    AccessEnds::ALL.iter().map(option).collect()
}
