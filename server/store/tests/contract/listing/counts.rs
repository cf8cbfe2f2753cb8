//! What is kept beside the members follows them, and only them.

use domain::{
    MembershipStatus, ShownStatus,
    id::{AreaId, RoleId},
    search::search_words,
};
use store::{KeptCounts, ListReach, MemberQuery, Store};

use super::{
    model::{Person, add, assignments, crowd, everybody, expected, queries},
    page,
};
use crate::harness::{Ward, morning, ward};

mod on {
    use crate::harness::scenarios;
    scenarios! {
        /// R65.
        another_organisation_changes_nothing,
        counts_follow_every_change,
        people_in_many_transactions_are_counted,
    }
}

async fn another_organisation_changes_nothing(store: Store) {
    let ward = ward(&store, 1).await;
    add(&store, &crowd(&ward, 30)).await;
    let before = answers(&store, &ward).await;
    let other = crate::harness::ward(&store, 2).await;
    let mut strangers = crowd(&other, 40);
    for person in &mut strangers {
        person.user.email_key = format!("other-{}", person.user.email_key);
    }
    add(&store, &strangers).await;
    assert_eq!(answers(&store, &ward).await, before);
    // Roles and areas of the other organisation find nobody, nor does one of its people.
    let foreign = [
        MemberQuery {
            roles: vec![other.viewer],
            ..everybody(ward.organisation)
        },
        MemberQuery {
            areas: vec![other.area],
            ..everybody(ward.organisation)
        },
        MemberQuery {
            reach: ListReach::Areas(vec![other.area]),
            ..everybody(ward.organisation)
        },
        MemberQuery {
            person: Some(strangers[0].row.id),
            ..everybody(ward.organisation)
        },
    ];
    for query in foreign {
        let page = page(&store, &query).await;
        assert_eq!((page.rows.len(), page.total), (0, 0));
    }
    let mut tx = store.read().await.unwrap();
    let ids = [strangers[2].row.id];
    let assignments = tx
        .assignments_of_members(ward.organisation, &ids, morning())
        .await
        .unwrap();
    assert!(assignments.is_empty());
    assert!(
        !tx.assignments_of_members(other.organisation, &ids, morning())
            .await
            .unwrap()
            .is_empty()
    );
}

async fn answers(store: &Store, ward: &Ward) -> Vec<String> {
    let mut answers = Vec::new();
    for query in queries(ward) {
        let page = page(store, &query).await;
        answers.push(format!("{} {:?}", page.total, page.rows));
    }
    let mut tx = store.read().await.unwrap();
    let counts = tx
        .member_counts(
            ward.organisation,
            &ListReach::Whole,
            morning(),
            &KeptCounts::default(),
        )
        .await
        .unwrap();
    answers.push(format!("{counts:?}"));
    answers
}

/// What is kept of a limited reach is never older than the people in it.
async fn check_kept(store: &Store, ward: &Ward, kept: &KeptCounts) {
    let mut tx = store.read().await.unwrap();
    for areas in [vec![ward.area], vec![ward.inner_area, ward.area]] {
        let reach = ListReach::Areas(areas);
        let (organisation, now) = (ward.organisation, morning());
        let fresh = tx
            .member_counts(organisation, &reach, now, &KeptCounts::default())
            .await
            .unwrap();
        for _ in 0..2 {
            let counts = tx.member_counts(organisation, &reach, now, kept).await;
            assert_eq!(format!("{:?}", counts.unwrap()), format!("{fresh:?}"));
        }
    }
}

/// The kept counts against the people themselves.
async fn check_counts(store: &Store, ward: &Ward, people: &[Person]) {
    let mut tx = store.read().await.unwrap();
    let counts = tx
        .member_counts(
            ward.organisation,
            &ListReach::Whole,
            morning(),
            &KeptCounts::default(),
        )
        .await
        .unwrap();
    for status in ShownStatus::ALL {
        let with = people
            .iter()
            .filter(|person| person.shown(morning()) == *status)
            .count();
        assert_eq!(counts.status(*status) as usize, with, "{status}");
    }
    let current = |test: &dyn Fn(&(RoleId, Option<AreaId>)) -> bool| {
        let with = |person: &&Person| {
            matches!(
                person.row.status,
                MembershipStatus::Active | MembershipStatus::Pending
            ) && person.roles.iter().any(test)
        };
        u32::try_from(people.iter().filter(with).count()).unwrap()
    };
    for role in [ward.administrator, ward.viewer] {
        assert_eq!(
            counts.current_with_role(role),
            current(&|(held, _)| *held == role)
        );
    }
    let inner = Some(ward.inner_area);
    assert_eq!(
        counts.current_in_area(ward.inner_area),
        current(&|(_, area)| *area == inner)
    );
    assert_eq!(
        counts.current_in_area(ward.area),
        current(&|(_, area)| area.is_some())
    );
}

async fn counts_follow_every_change(store: Store) {
    let ward = ward(&store, 1).await;
    let kept = KeptCounts::default();
    let mut people = crowd(&ward, 40);
    add(&store, &people).await;
    check_counts(&store, &ward, &people).await;
    check_kept(&store, &ward, &kept).await;
    // Statuses.
    let mut tx = store.write().await.unwrap();
    for (person, status) in people.iter_mut().zip(MembershipStatus::ALL.iter().cycle()) {
        person.row.status = *status;
        person.row.sort_name.insert_str(0, "new ");
        tx.update_membership(&person.row).await.unwrap();
        person.row.version += 1;
    }
    tx.commit().await.unwrap();
    check_counts(&store, &ward, &people).await;
    check_kept(&store, &ward, &kept).await;
    // Roles: taken away, given again elsewhere, one of two taken away.
    let mut tx = store.write().await.unwrap();
    for (number, person) in people.iter_mut().enumerate() {
        if number % 2 == 0 {
            tx.delete_assignments_of(ward.organisation, person.row.id)
                .await
                .unwrap();
            person.roles.clear();
            if number % 3 == 0 {
                person.roles = vec![(ward.viewer, Some(ward.inner_area)), (ward.viewer, None)];
                tx.insert_assignments(&assignments(person)).await.unwrap();
            }
        }
    }
    tx.commit().await.unwrap();
    check_counts(&store, &ward, &people).await;
    check_kept(&store, &ward, &kept).await;
    // Names.
    let mut tx = store.write().await.unwrap();
    for person in &mut people {
        person.words = vec!["quince".to_owned(), "李".to_owned()];
        tx.replace_words(ward.organisation, person.row.id, &person.words)
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
    check_counts(&store, &ward, &people).await;
    check_kept(&store, &ward, &kept).await;
    let mut tx = store.read().await.unwrap();
    for query in queries(&ward) {
        let counts = tx
            .member_counts(
                query.organisation,
                &query.reach,
                query.now,
                &KeptCounts::default(),
            )
            .await
            .unwrap();
        let page = tx.list_members(&query, &counts).await.unwrap();
        let ids: Vec<_> = page.rows.iter().map(|row| row.id).collect();
        assert_eq!(ids, expected(&people, &ward, &query), "{query:?}");
    }
    for text in ["q", "quince 李", "李"] {
        let query = MemberQuery {
            words: search_words(text),
            ..everybody(ward.organisation)
        };
        assert_eq!(page(&store, &query).await.total, 40, "{text}");
    }
}

/// Counting makes nobody wait for each other, and loses nobody.
async fn people_in_many_transactions_are_counted(store: Store) {
    let ward = ward(&store, 1).await;
    let people = crowd(&ward, 60);
    let mut tasks = tokio::task::JoinSet::new();
    for part in people.chunks(10) {
        let (store, part) = (store.clone(), part.to_vec());
        tasks.spawn(async move {
            for person in part {
                add(&store, &[person]).await;
            }
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
    check_counts(&store, &ward, &people).await;
    let mut tx = store.write().await.unwrap();
    for person in &people {
        tx.delete_assignments_of(ward.organisation, person.row.id)
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
    let mut people = people;
    people.iter_mut().for_each(|person| person.roles.clear());
    check_counts(&store, &ward, &people).await;
}
