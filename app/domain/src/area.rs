//! Areas: the parts of an organisation, a tree, and the choice of where a role holds (A10, ux 6.16).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::id::AreaId;
use crate::search::fold;
use crate::violation::Violations;

/// A part of an organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Area {
    pub id: AreaId,
    /// Nothing for an area at the top.
    pub parent: Option<AreaId>,
    pub name: String,
    /// What the organisation calls it: ward, roster, site, service area.
    pub kind: String,
    /// A closed area still has its name, but nobody can be given access to it.
    #[serde(default)]
    pub closed: bool,
}

/// An area in its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AreaNode {
    pub area: Area,
    /// 0 at the top.
    pub depth: u32,
    /// How many areas are inside it, at any depth.
    pub inside: u32,
    /// The names of the areas around it, outermost first, when its own name is used more than once.
    pub path: Vec<String>,
}

impl AreaNode {
    /// The name, with the areas around it where the name alone would not do: "Ward 3, St Luke's".
    pub fn label(&self) -> String {
        let around = self.path.iter().rev().map(String::as_str);
        std::iter::once(self.area.name.as_str())
            .chain(around)
            .collect::<Vec<_>>()
            .join(", ")
    }
}

/// The areas of an organisation in reading order: each area followed by those inside it, siblings by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AreaTree {
    nodes: Vec<AreaNode>,
}

impl AreaTree {
    /// Builds the tree. An area whose parent is missing stands at the top, and a circle of parents is cut, so
    /// that no area is ever lost from sight.
    pub fn build(areas: Vec<Area>) -> Self {
        let known: BTreeSet<AreaId> = areas.iter().map(|area| area.id).collect();
        let mut children: BTreeMap<Option<AreaId>, Vec<Area>> = BTreeMap::new();
        for area in areas {
            let parent = area.parent.filter(|parent| known.contains(parent));
            children.entry(parent).or_default().push(area);
        }
        for siblings in children.values_mut() {
            siblings.sort_by_cached_key(|area| (natural_key(&area.name), area.id));
            siblings.reverse();
        }
        let mut tree = Self::default();
        loop {
            let mut stack: Vec<(Area, u32)> = children
                .remove(&None)
                .unwrap_or_default()
                .into_iter()
                .map(|area| (area, 0))
                .collect();
            while let Some((area, depth)) = stack.pop() {
                stack.extend(
                    children
                        .remove(&Some(area.id))
                        .unwrap_or_default()
                        .into_iter()
                        .map(|child| (child, depth + 1)),
                );
                tree.nodes.push(AreaNode {
                    area,
                    depth,
                    inside: 0,
                    path: Vec::new(),
                });
            }
            // What is left goes round in circles: cut one at its first area and go on.
            let Some(mut entry) = children.first_entry() else {
                break;
            };
            let Some(area) = entry.get_mut().pop() else {
                break;
            };
            if entry.get().is_empty() {
                entry.remove();
            }
            children.insert(None, vec![area]);
        }
        tree.count_inside();
        tree.name_paths();
        tree
    }

    fn count_inside(&mut self) {
        let depths: Vec<u32> = self.nodes.iter().map(|node| node.depth).collect();
        let mut open: Vec<usize> = Vec::new();
        for (index, depth) in depths.iter().enumerate() {
            open.truncate(*depth as usize);
            for ancestor in &open {
                self.nodes[*ancestor].inside += 1;
            }
            open.push(index);
        }
    }

    fn name_paths(&mut self) {
        let mut uses: BTreeMap<String, u32> = BTreeMap::new();
        for node in &self.nodes {
            *uses.entry(fold(&node.area.name)).or_default() += 1;
        }
        let mut around: Vec<String> = Vec::new();
        for node in &mut self.nodes {
            around.truncate(node.depth as usize);
            if uses
                .get(&fold(&node.area.name))
                .is_some_and(|uses| *uses > 1)
            {
                node.path.clone_from(&around);
            }
            around.push(node.area.name.clone());
        }
    }

    /// Every area, in reading order.
    pub fn nodes(&self) -> &[AreaNode] {
        &self.nodes
    }

    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    pub fn get(&self, id: AreaId) -> Option<&AreaNode> {
        self.nodes.iter().find(|node| node.area.id == id)
    }

    /// The areas inside one, at any depth, without itself.
    pub fn descendants(&self, id: AreaId) -> &[AreaNode] {
        match self.nodes.iter().position(|node| node.area.id == id) {
            Some(index) => &self.nodes[index + 1..=index + self.nodes[index].inside as usize],
            None => &[],
        }
    }

    /// Whether `inner` is `outer` or somewhere inside it.
    pub fn is_within(&self, inner: AreaId, outer: AreaId) -> bool {
        inner == outer
            || self
                .descendants(outer)
                .iter()
                .any(|node| node.area.id == inner)
    }

    /// The same places said once: in reading order, without repeats and without areas whose parent is chosen
    /// too. Areas that are not in the tree are left out.
    pub fn normalise_selection(&self, chosen: &[AreaId]) -> Vec<AreaId> {
        let chosen: BTreeSet<AreaId> = chosen.iter().copied().collect();
        let mut kept = Vec::new();
        let mut index = 0;
        while let Some(node) = self.nodes.get(index) {
            if chosen.contains(&node.area.id) {
                kept.push(node.area.id);
                index += node.inside as usize;
            }
            index += 1;
        }
        kept
    }

    /// The labels of areas, for summaries and emails.
    pub fn labels(&self, areas: &[AreaId]) -> Vec<String> {
        areas
            .iter()
            .filter_map(|id| self.get(*id))
            .map(AreaNode::label)
            .collect()
    }
}

/// Names with numbers in them in the order of the numbers: Ward 3 before Ward 10.
fn natural_key(name: &str) -> Vec<(u64, String)> {
    let mut key: Vec<(u64, String)> = Vec::new();
    let folded = fold(name);
    let mut rest = folded.as_str();
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, after) = rest.split_at(digits.min(18));
        let words = after
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(after.len());
        key.push((number.parse().unwrap_or(0), after[..words].to_owned()));
        rest = &after[words..];
    }
    key
}

/// Where a role holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AreaSelection {
    /// The whole organisation, now and later.
    Whole,
    /// These areas and everything inside them, now and later. Never empty.
    Areas(Vec<AreaId>),
}

impl AreaSelection {
    /// The value of the checkbox "All of {organisation}".
    pub const ALL: &'static str = "all";

    /// The areas of a selection; none when it is the whole organisation.
    pub fn areas(&self) -> &[AreaId] {
        match self {
            Self::Whole => &[],
            Self::Areas(areas) => areas,
        }
    }

    /// Whether something in this area is inside the selection.
    pub fn covers(&self, tree: &AreaTree, area: AreaId) -> bool {
        match self {
            Self::Whole => true,
            Self::Areas(areas) => areas.iter().any(|outer| tree.is_within(area, *outer)),
        }
    }

    /// Whether everything in another selection is inside this one: nobody gives access to where they have none.
    pub fn covers_all(&self, tree: &AreaTree, other: &Self) -> bool {
        match (self, other) {
            (Self::Whole, _) => true,
            (Self::Areas(_), Self::Whole) => false,
            (Self::Areas(_), Self::Areas(areas)) => {
                areas.iter().all(|area| self.covers(tree, *area))
            }
        }
    }
}

/// The choice of areas: `all`, or ids.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AreasForm {
    pub areas: Vec<String>,
}

impl AreasForm {
    /// The selection, normalised. Codes: `areas.empty`, `areas.all_and_some` (whose value, the name
    /// of the organisation, the caller adds), and `areas.gone` with the name of
    /// the area that was closed since the page was shown (without a name when it is not even in the tree).
    pub fn validate(&self, tree: &AreaTree) -> Result<AreaSelection, Violations> {
        let values: Vec<&str> = self
            .areas
            .iter()
            .map(|value| value.trim())
            .filter(|value| !value.is_empty())
            .collect();
        let whole = values.contains(&AreaSelection::ALL);
        let mut chosen = Vec::new();
        for value in values.iter().filter(|value| **value != AreaSelection::ALL) {
            match value.parse().ok().and_then(|id| tree.get(id)) {
                Some(node) if !node.area.closed => chosen.push(node.area.id),
                gone => {
                    let mut violations = Violations::new();
                    let name = gone.map(AreaNode::label).into_iter().collect();
                    violations.add_with("areas", "areas.gone", name);
                    return Err(violations);
                }
            }
        }
        match (whole, chosen.is_empty()) {
            (true, true) => Ok(AreaSelection::Whole),
            (true, false) => Err(Violations::one("areas", "areas.all_and_some")),
            (false, true) => Err(Violations::one("areas", "areas.empty")),
            (false, false) => Ok(AreaSelection::Areas(tree.normalise_selection(&chosen))),
        }
    }
}

/// The question where somebody gets access, for whoever asks it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AreasQuestion {
    pub tree: AreaTree,
    /// The areas that whoever is looking may give access to; others are shown as text.
    pub offered: Vec<AreaId>,
    /// Whether they may give access to the whole organisation.
    pub whole_offered: bool,
    pub chosen: Option<AreaSelection>,
    pub organisation_name: String,
    /// What the organisation calls an area.
    pub area_label: String,
}

#[cfg(test)]
mod tests;
