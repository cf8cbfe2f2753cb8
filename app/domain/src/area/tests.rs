use proptest::prelude::*;
use uuid::Uuid;

use super::*;

fn id(n: u128) -> AreaId {
    AreaId::from_uuid(Uuid::from_u128(n))
}

fn area(n: u128, parent: Option<u128>, name: &str) -> Area {
    Area {
        id: id(n),
        parent: parent.map(id),
        name: name.into(),
        kind: "service area".into(),
        closed: false,
    }
}

fn tree() -> AreaTree {
    AreaTree::build(vec![
        area(7, Some(6), "Ward 3"),
        area(1, None, "Community nursing"),
        area(3, Some(1), "South team"),
        area(2, Some(1), "North team"),
        area(4, None, "St Luke's"),
        area(10, Some(4), "Ward 10"),
        area(5, Some(4), "Ward 3"),
        area(6, None, "Árbour"),
    ])
}

#[test]
fn reading_order_is_parents_first_and_siblings_by_name() {
    let tree = tree();
    let order: Vec<_> = tree
        .nodes()
        .iter()
        .map(|node| (node.depth, node.label()))
        .collect();
    assert_eq!(
        order,
        [
            (0, "Árbour".to_owned()),
            (1, "Ward 3, Árbour".to_owned()),
            (0, "Community nursing".to_owned()),
            (1, "North team".to_owned()),
            (1, "South team".to_owned()),
            (0, "St Luke's".to_owned()),
            (1, "Ward 3, St Luke's".to_owned()),
            (1, "Ward 10".to_owned()),
        ]
    );
    assert_eq!(
        tree.descendants(id(1))
            .iter()
            .map(|node| node.area.id)
            .collect::<Vec<_>>(),
        [id(2), id(3)]
    );
    assert!(tree.descendants(id(99)).is_empty());
    assert!(
        tree.is_within(id(3), id(1))
            && tree.is_within(id(1), id(1))
            && !tree.is_within(id(1), id(3))
    );
}

#[test]
fn no_area_is_lost_by_a_missing_parent_or_a_circle() {
    let tree = AreaTree::build(vec![
        area(1, Some(2), "One"),
        area(2, Some(3), "Two"),
        area(3, Some(1), "Three"),
        area(4, Some(99), "Four"),
        area(5, Some(5), "Five"),
        area(6, Some(5), "Six"),
    ]);
    let mut ids: Vec<_> = tree.nodes().iter().map(|node| node.area.id).collect();
    ids.sort_unstable();
    assert_eq!(ids, (1..=6).map(id).collect::<Vec<_>>());
}

/// A10, ux 6.16: the server removes children when the parent is chosen.
#[test]
fn children_go_when_the_parent_is_chosen() {
    let tree = tree();
    assert_eq!(
        tree.normalise_selection(&[id(5), id(3), id(1), id(2), id(3), id(99)]),
        [id(1), id(5)]
    );
    assert_eq!(
        tree.labels(&[id(1), id(5)]),
        ["Community nursing", "Ward 3, St Luke's"]
    );
}

/// ux 7.6.
#[test]
fn the_form_gives_a_selection_or_its_reason() {
    let mut areas: Vec<Area> = tree()
        .nodes()
        .iter()
        .map(|node| node.area.clone())
        .collect();
    areas
        .iter_mut()
        .find(|area| area.id == id(10))
        .unwrap()
        .closed = true;
    let tree = AreaTree::build(areas);
    let choose = |values: &[String]| {
        AreasForm {
            areas: values.to_vec(),
        }
        .validate(&tree)
    };
    let all = "all".to_owned();
    assert_eq!(choose(std::slice::from_ref(&all)), Ok(AreaSelection::Whole));
    assert_eq!(
        choose(&[id(3).to_string(), id(1).to_string()]),
        Ok(AreaSelection::Areas(vec![id(1)]))
    );
    let code = |values: &[String]| {
        choose(values)
            .map_err(|violations| violations.0[0].clone())
            .unwrap_err()
    };
    assert_eq!(code(&[]).code, "areas.empty");
    assert_eq!(code(&[" ".to_owned()]).code, "areas.empty");
    assert_eq!(code(&[all, id(1).to_string()]).code, "areas.all_and_some");
    let closed = code(&[id(1).to_string(), id(10).to_string()]);
    assert_eq!(
        (closed.code.as_str(), closed.params),
        ("areas.gone", vec!["Ward 10".to_owned()])
    );
    let unknown = code(&["ward-3".to_owned()]);
    assert_eq!(
        (unknown.code.as_str(), unknown.params),
        ("areas.gone", vec![])
    );
}

#[test]
fn a_selection_covers_what_is_inside_it() {
    let tree = tree();
    let areas = |ids: &[u128]| AreaSelection::Areas(ids.iter().copied().map(id).collect());
    assert!(AreaSelection::Whole.covers_all(&tree, &AreaSelection::Whole));
    assert!(AreaSelection::Whole.covers_all(&tree, &areas(&[1, 5])));
    assert!(!areas(&[1]).covers_all(&tree, &AreaSelection::Whole));
    assert!(areas(&[1]).covers_all(&tree, &areas(&[1, 2, 3])));
    assert!(!areas(&[1]).covers_all(&tree, &areas(&[2, 5])));
    assert!(!areas(&[2]).covers_all(&tree, &areas(&[1])));
}

proptest! {
    /// Whatever the parents, each area is in the tree once, and a selection covers exactly what it covered
    /// before it was normalised.
    #[test]
    fn any_tree_holds_every_area_once(
        parents in prop::collection::vec(prop::option::of(0_u128..12), 0..12),
        chosen in prop::collection::vec(0_u128..14, 0..6),
    ) {
        let areas: Vec<Area> =
            parents.iter().zip(0_u128..).map(|(parent, n)| area(n, *parent, &format!("Area {}", n % 5))).collect();
        let tree = AreaTree::build(areas);
        let ids: BTreeSet<_> = tree.nodes().iter().map(|node| node.area.id).collect();
        prop_assert_eq!(tree.len(), parents.len());
        prop_assert_eq!(ids.len(), parents.len());
        let chosen: Vec<AreaId> = chosen.into_iter().map(id).filter(|id| ids.contains(id)).collect();
        let normal = AreaSelection::Areas(tree.normalise_selection(&chosen));
        let before = AreaSelection::Areas(chosen);
        for id in ids {
            prop_assert_eq!(before.covers(&tree, id), normal.covers(&tree, id));
        }
        prop_assert_eq!(tree.normalise_selection(normal.areas()), normal.areas());
    }
}
