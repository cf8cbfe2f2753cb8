//! Where a role holds: nested lists of checkboxes (ux 6.16, A10). No `role="tree"`: they are checkboxes.
//!
//! Without wasm every area is there and open. Once the page is alive there is a box to filter them, buttons to
//! fold them, a mixed state for an area of which only a part is selected, and a count. The choice is the
//! checkboxes' own: what was selected before wasm arrived counts, and what is folded or filtered away stays.

use super::debounce::Debounce;
use super::field::{Field, Heading, Text, join, legend as legend_view, until_hydrated, waiting};
use crate::messages::plural;
use domain::AreaId;
use domain::area::{AreaNode, AreaSelection, AreaTree};
use domain::search::fold;
use leptos::{html, prelude::*, wasm_bindgen::JsCast, web_sys};
use std::time::Duration;

/// Levels that are indented; deeper areas stand on the last of them.
const LEVELS: u32 = 5;
/// From so many areas on there is a box to filter them.
const FILTERED_FROM: usize = 9;

/// What the parts of a tree share.
#[derive(Clone)]
struct Parts {
    name: String,
    /// The areas that can be selected; nothing for all of them.
    manageable: Option<Vec<AreaId>>,
    checked: Vec<String>,
    /// Which areas the filter leaves; everything while nothing is typed.
    visible: Memo<Option<Vec<bool>>>,
    unusable: Signal<bool>,
}

/// Checkboxes for areas, posted as their ids, and `all` for the whole organisation.
#[component]
pub fn AreaPicker(
    #[prop(default = "areas".into(), into)] name: String,
    #[prop(into)] legend: Text,
    #[prop(default = "Select all that apply. Selecting an area includes everything inside it.".into(), into)]
    hint: Text,
    tree: AreaTree,
    /// "All of …" can be selected by whoever may give access everywhere; then this is the organisation's name.
    #[prop(optional, into)]
    all_of: Option<String>,
    /// The areas that whoever is looking manages; the others are shown as text. Nothing for all of them.
    #[prop(optional_no_strip)]
    manageable: Option<Vec<AreaId>>,
    /// The current choice, when this is a change.
    #[prop(optional_no_strip)]
    checked: Option<AreaSelection>,
    #[prop(default = "l")] legend_size: &'static str,
    #[prop(default = true)] legend_is_heading: bool,
    #[prop(optional, into)] caption: Option<String>,
) -> impl IntoView {
    let field = Field::new(name);
    let initial = match checked {
        None => Vec::new(),
        Some(AreaSelection::Whole) => vec![AreaSelection::ALL.to_owned()],
        Some(AreaSelection::Areas(areas)) => areas.iter().map(ToString::to_string).collect(),
    };
    let checked = field.values(initial);
    let described_by = field.described_by(None, hint.is_some());
    let unusable = until_hydrated();
    let (wanted, set_wanted) = signal(String::new());
    let names: Vec<(String, u32)> = tree
        .nodes()
        .iter()
        .map(|node| (fold(&node.area.name), node.depth))
        .collect();
    let visible = Memo::new(move |_| wanted.with(|wanted| matches(&names, wanted)));

    let element = NodeRef::<html::Div>::new();
    let (selected, set_selected) = signal(String::new());
    let tree_for_count = StoredValue::new(tree.clone());
    let organisation = all_of.clone();
    let refresh = move || {
        let Some(element) = element.get_untracked() else {
            return;
        };
        let boxes = boxes_in(&element);
        let chosen: Vec<String> = boxes
            .iter()
            .filter(|area| area.checked())
            .map(web_sys::HtmlInputElement::value)
            .collect();
        set_selected.set(tree_for_count.with_value(|tree| {
            mix(&boxes, tree, &chosen);
            count_words(tree, &chosen, organisation.as_deref())
        }));
    };
    Effect::new({
        let refresh = refresh.clone();
        move |_| {
            element.track();
            refresh();
        }
    });

    let parts = Parts {
        name: field.name.clone(),
        manageable,
        checked,
        visible,
        unusable,
    };
    let whole = all_of.map(|name| {
        let label = ["All of ", &name].concat();
        view! {
            {checkbox(&parts, field.id.clone(), AreaSelection::ALL.to_owned(), label.into())}
            <div class="nhsuk-checkboxes__divider">"or"</div>
        }
    });
    let mut next = if whole.is_some() { 2 } else { 1 };
    let list = branch(
        &parts,
        tree.nodes(),
        0,
        Signal::stored(false),
        &field.id,
        &mut next,
    );
    let filter = (tree.len() >= FILTERED_FROM).then(|| filter_box(&field.id, visible, set_wanted));
    let heading = Heading {
        size: legend_size,
        is_heading: legend_is_heading,
    };
    view! {
        <div class=field.group_class("")>
            <fieldset class="nhsuk-fieldset" aria-describedby=described_by>
                {legend_view(legend, heading, caption)} {field.hint(hint)} {field.error()} {filter}
                <div class="nhsuk-checkboxes app-tree-box" data-module="nhsuk-checkboxes" node_ref=element on:change=move |_| refresh()>
                    {whole} {list}
                </div>
                <p class="app-tree__count" role="status">{selected}</p>
            </fieldset>
        </div>
    }
}

/// One list and those inside it. `from` is where its first area stands in the tree.
fn branch(
    parts: &Parts,
    nodes: &[AreaNode],
    from: usize,
    folded: Signal<bool>,
    id: &str,
    next: &mut u32,
) -> AnyView {
    let mut items: Vec<AnyView> = Vec::new();
    let mut index = 0;
    while let Some(node) = nodes.get(index) {
        let inside = node.inside as usize;
        let children = nodes.get(index + 1..=index + inside).unwrap_or_default();
        let deep = node.depth + 1 >= LEVELS;
        items.push(area(
            parts,
            node,
            from + index,
            if deep { &[] } else { children },
            id,
            next,
        ));
        index += if deep { 1 } else { 1 + inside };
    }
    view! { <ul class="app-tree" hidden=folded>{items}</ul> }.into_any()
}

fn area(
    parts: &Parts,
    node: &AreaNode,
    place: usize,
    children: &[AreaNode],
    id: &str,
    next: &mut u32,
) -> AnyView {
    let visible = parts.visible;
    let hidden = Signal::derive(move || {
        visible.with(|visible| {
            visible
                .as_ref()
                .is_some_and(|visible| visible.get(place) == Some(&false))
        })
    });
    let can_select = !node.area.closed
        && parts
            .manageable
            .as_ref()
            .is_none_or(|areas| areas.contains(&node.area.id));
    let own = if can_select {
        let id = if *next == 1 {
            id.to_owned()
        } else {
            [id, "-", &next.to_string()].concat()
        };
        *next += 1;
        checkbox(parts, id, node.area.id.to_string(), label(node))
    } else {
        view! { <span class="app-tree__text">{label(node).into_option()}</span> }.into_any()
    };
    if children.is_empty() {
        return view! { <li hidden=hidden>{own}</li> }.into_any();
    }
    let (open, set_open) = signal(true);
    let folded = Signal::derive(move || !open.get() && visible.with(Option::is_none));
    let expanded = Signal::derive(move || if folded.get() { "false" } else { "true" });
    let words = ["Show areas in ", &node.area.name].concat();
    let inside = branch(parts, children, place + 1, folded, id, next);
    view! {
        <li class="app-tree__branch" hidden=hidden>
            <div class="app-tree__row">
                {own}
                <button
                    class="app-tree__toggle"
                    type="button"
                    aria-expanded=expanded
                    hidden=parts.unusable
                    on:click=move |_| set_open.update(|open| *open = !*open)
                >
                    <span class="nhsuk-u-visually-hidden">{words}</span>
                </button>
            </div>
            {inside}
        </li>
    }
    .into_any()
}

/// The name; where it is used twice, with the areas around it for the ear.
fn label(node: &AreaNode) -> Text {
    let name = node.area.name.clone();
    if node.path.is_empty() {
        return name.into();
    }
    let around: String = node
        .path
        .iter()
        .rev()
        .flat_map(|name| [", ", name])
        .collect();
    view! { {name} <span class="nhsuk-u-visually-hidden">{around}</span> }
        .into_any()
        .into()
}

fn checkbox(parts: &Parts, id: String, value: String, label: Text) -> AnyView {
    view! {
        <div class="nhsuk-checkboxes__item">
            <input
                class="nhsuk-checkboxes__input"
                id=id.clone()
                name=parts.name.clone()
                type="checkbox"
                checked=parts.checked.contains(&value)
                value=value
            />
            <label class="nhsuk-label nhsuk-checkboxes__label" for=id>{label.into_option()}</label>
        </div>
    }
    .into_any()
}

/// The box that filters, hidden until it works.
fn filter_box(
    id: &str,
    visible: Memo<Option<Vec<bool>>>,
    set_wanted: WriteSignal<String>,
) -> AnyView {
    let id = [id, "-filter"].concat();
    let input = NodeRef::<html::Input>::new();
    let (spoken, set_spoken) = signal(String::new());
    let speak = Debounce::new();
    let typed = move |_| {
        let Some(input) = input.get_untracked() else {
            return;
        };
        set_wanted.set(input.value());
        speak.run(Duration::from_secs(1), move || {
            let words = visible.with_untracked(|visible| {
                visible.as_ref().map(|visible| {
                    plural(
                        visible.iter().filter(|shown| **shown).count() as u64,
                        "area shown",
                        "areas shown",
                    )
                })
            });
            set_spoken.set(words.unwrap_or_default());
        });
    };
    view! {
        <div class=waiting("nhsuk-form-group")>
            <label class="nhsuk-label" for=id.clone()>"Filter areas by name"</label>
            <input class="nhsuk-input nhsuk-input--width-20" id=id type="search" autocomplete="off" spellcheck="false" node_ref=input on:input=typed/>
            <div class="nhsuk-u-visually-hidden" role="status">{spoken}</div>
        </div>
    }
    .into_any()
}

/// Which areas to show: those that match, what is around them, and what is inside them. Nothing while nothing is
/// typed.
fn matches(names: &[(String, u32)], wanted: &str) -> Option<Vec<bool>> {
    let wanted = fold(wanted.trim());
    if wanted.is_empty() {
        return None;
    }
    let mut shown = vec![false; names.len()];
    let mut around: Vec<usize> = Vec::new();
    // The depth of a match whose inside is being passed.
    let mut inside_of: Option<u32> = None;
    for (index, (name, depth)) in names.iter().enumerate() {
        around.truncate(*depth as usize);
        if inside_of.is_some_and(|outer| *depth <= outer) {
            inside_of = None;
        }
        let matched = name.contains(&wanted);
        if matched {
            for outer in &around {
                shown[*outer] = true;
            }
            if inside_of.is_none() {
                inside_of = Some(*depth);
            }
        }
        shown[index] = matched || inside_of.is_some();
        around.push(index);
    }
    Some(shown)
}

/// The checkboxes of the tree, in its order.
fn boxes_in(element: &web_sys::HtmlElement) -> Vec<web_sys::HtmlInputElement> {
    let found = element.get_elements_by_class_name("nhsuk-checkboxes__input");
    (0..found.length())
        .filter_map(|index| {
            found
                .item(index)?
                .dyn_into::<web_sys::HtmlInputElement>()
                .ok()
        })
        .collect()
}

/// An area of which a part is selected is mixed.
fn mix(boxes: &[web_sys::HtmlInputElement], tree: &AreaTree, chosen: &[String]) {
    for area in boxes {
        let partly = area.value().parse().is_ok_and(|id: AreaId| {
            tree.descendants(id)
                .iter()
                .any(|inner| chosen.contains(&inner.area.id.to_string()))
        });
        area.set_indeterminate(partly && !area.checked());
    }
}

/// "4 areas selected". An area inside a selected one is part of it and does not count.
fn count_words(tree: &AreaTree, chosen: &[String], organisation: Option<&str>) -> String {
    let ids: Vec<AreaId> = chosen
        .iter()
        .filter_map(|value| value.parse().ok())
        .collect();
    let areas = tree.normalise_selection(&ids).len();
    match (
        chosen.iter().any(|value| value == AreaSelection::ALL),
        areas,
        organisation,
    ) {
        (true, 0, Some(organisation)) => ["All of ", organisation, " selected"].concat(),
        (_, areas, _) => plural(areas as u64, "area selected", "areas selected"),
    }
}

/// The place of an area as text, for summaries: "Ward 3, St Luke's".
pub fn area_lines(areas: &[String], organisation: &str) -> Text {
    if areas.is_empty() {
        return ["All of ", organisation].concat().into();
    }
    super::summary_list::lines(areas.iter().cloned())
}

/// The filter group of one depth of areas in a list of filters.
pub(super) fn depth_class(depth: u32) -> String {
    if depth == 0 {
        return String::new();
    }
    join(
        "app-filter__item",
        &["app-filter__item--", &depth.min(LEVELS - 1).to_string()].concat(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(areas: &[(&str, u32)]) -> Vec<(String, u32)> {
        areas
            .iter()
            .map(|(name, depth)| (fold(name), *depth))
            .collect()
    }

    /// 6.16: matches keep what is around them, and bring what is inside them.
    #[test]
    fn a_filter_keeps_the_way_to_a_match() {
        let areas = names(&[
            ("Community", 0),
            ("North team", 1),
            ("South team", 1),
            ("Wards", 0),
            ("Ward 3", 1),
            ("Bay A", 2),
        ]);
        assert_eq!(matches(&areas, "  "), None);
        assert_eq!(
            matches(&areas, "north"),
            Some(vec![true, true, false, false, false, false])
        );
        assert_eq!(
            matches(&areas, "ward 3"),
            Some(vec![false, false, false, true, true, true])
        );
        assert_eq!(
            matches(&areas, "COMMUNITY"),
            Some(vec![true, true, true, false, false, false])
        );
        assert_eq!(matches(&areas, "nothing"), Some(vec![false; 6]));
    }
}
