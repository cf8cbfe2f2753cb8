//! The users list: search, filters, order, pages and counts, against the rules as the domain has
//! them.

use chrono::TimeDelta;
use domain::{
    MembershipStatus, ShownStatus,
    id::{AreaId, MembershipId, RoleId},
    search::search_words,
};
use store::{KeptCounts, ListReach, MemberPage, MemberQuery, Store};

use crate::harness::{id, morning, ward};
use model::{Person, add, assignments, crowd, everybody, expected, queries};

mod counts;
mod filters;
mod model;

mod on {
    use crate::harness::scenarios;
    scenarios! {
        /// A19, J13.
        search_finds_people_by_the_beginnings_of_their_words,
        /// J14.
        values_of_a_filter_widen_it_and_filters_narrow_each_other,
        /// B20.
        an_invitation_expires_in_list_filter_and_count_at_the_same_moment,
        /// J17, B17 to B20: every combination of search, filters and order, page by page.
        every_list_is_what_the_rules_say,
        /// However a page is found, it is the same.
        every_way_to_a_page_leads_to_the_same_page,
    }
}

async fn page(store: &Store, query: &MemberQuery) -> MemberPage {
    let mut tx = store.read().await.unwrap();
    let counts = tx
        .member_counts(
            query.organisation,
            &query.reach,
            query.now,
            &KeptCounts::default(),
        )
        .await
        .unwrap();
    tx.list_members(query, &counts).await.unwrap()
}

async fn names(store: &Store, query: &MemberQuery) -> Vec<String> {
    let page = page(store, query).await;
    assert_eq!(page.total as usize, page.rows.len());
    page.rows
        .into_iter()
        .map(|row| row.email.split('@').next().unwrap().to_owned())
        .collect()
}

async fn search_finds_people_by_the_beginnings_of_their_words(store: Store) {
    use MembershipStatus::{Active, Pending};
    let ward = ward(&store, 1).await;
    let person = |n, first, last, email, status| Person::new(&ward, n, first, last, email, status);
    add(
        &store,
        &[
            person(2_000, "Jane", "Carlton", "jane.carlton2@nhs.net", Active),
            person(
                2_010,
                "Niamh",
                "O'Neil",
                "niamh.o'neil@rosebush.nhs.uk",
                Active,
            ),
            person(
                2_020,
                "José María",
                "Núñez-García",
                "jose-maria@nhs.net",
                Active,
            ),
            person(
                2_030,
                "Anne-Marie",
                "van der Berg",
                "am.berg+rx1@nhs.net",
                Active,
            ),
            person(2_040, "", "", "sam.carling@nhs.net", Pending),
            person(2_050, "Åse", "Ørsted", "ase@nhs.net", Active),
            person(2_060, "李", "明", "li.ming@nhs.net", Active),
        ],
    )
    .await;
    for (text, found) in [
        ("jane carlton", &["jane.carlton2"][..]),
        ("Carlton, Jane", &["jane.carlton2"]),
        ("CARL", &["jane.carlton2", "sam.carling"]),
        ("jane.c@", &["jane.carlton2"]),
        ("jane.carlton2@nhs.net", &["jane.carlton2"]),
        ("o'neil", &["niamh.o'neil"]),
        ("O’Neil", &["niamh.o'neil"]),
        ("oneil niamh", &["niamh.o'neil"]),
        ("nunez", &["jose-maria"]),
        ("NÚÑEZ garcia", &["jose-maria"]),
        ("garcia jose", &["jose-maria"]),
        ("annemarie", &["am.berg+rx1"]),
        ("berg anne", &["am.berg+rx1"]),
        ("rx1", &["am.berg+rx1"]),
        ("orsted", &["ase"]),
        ("李", &["li.ming"]),
        ("明 李", &["li.ming"]),
        ("@rosebush", &["niamh.o'neil"]),
        ("s", &["sam.carling"]),
        (
            "nhs",
            &[
                "jane.carlton2",
                "jose-maria",
                "ase",
                "sam.carling",
                "am.berg+rx1",
                "li.ming",
            ],
        ),
        ("arlton", &[]),
        ("jane smith", &[]),
        ("zz", &[]),
        ("100%", &[]),
        ("_", &[]),
        ("'; DROP TABLE users", &[]),
    ] {
        let query = MemberQuery {
            words: search_words(text),
            ..everybody(ward.organisation)
        };
        assert_eq!(names(&store, &query).await, found, "{text:?}");
    }
    let somebody = MembershipId::from_uuid(id(2_041));
    let query = MemberQuery {
        person: Some(somebody),
        ..everybody(ward.organisation)
    };
    assert_eq!(names(&store, &query).await, ["sam.carling"]);
    let query = MemberQuery {
        statuses: vec![ShownStatus::Active],
        ..query
    };
    assert_eq!(names(&store, &query).await, [""; 0]);
}

async fn values_of_a_filter_widen_it_and_filters_narrow_each_other(store: Store) {
    let ward = ward(&store, 1).await;
    let mut people: Vec<Person> = ["ann", "ben", "cat", "dan", "eve"]
        .iter()
        .zip((2_000_u128..).step_by(10))
        .map(|(name, n)| {
            Person::new(
                &ward,
                n,
                name,
                "x",
                &format!("{name}@nhs.net"),
                MembershipStatus::Active,
            )
        })
        .collect();
    people[0].roles = vec![(ward.administrator, None)];
    people[1].roles = vec![(ward.viewer, Some(ward.area))];
    people[2].roles = vec![
        (ward.viewer, Some(ward.inner_area)),
        (ward.administrator, None),
    ];
    people[3].roles = vec![
        (ward.viewer, Some(ward.inner_area)),
        (ward.viewer, Some(ward.area)),
    ];
    people[4].row.status = MembershipStatus::Inactive;
    add(&store, &people).await;
    let with = |roles: &[RoleId], areas: &[AreaId], statuses: &[ShownStatus]| MemberQuery {
        roles: roles.to_vec(),
        areas: areas.to_vec(),
        statuses: statuses.to_vec(),
        ..everybody(ward.organisation)
    };
    let all = ShownStatus::ALL;
    for (query, found) in [
        (with(&[ward.administrator], &[], all), &["ann", "cat"][..]),
        (with(&[ward.viewer], &[], all), &["ben", "cat", "dan"]),
        (
            with(&[ward.administrator, ward.viewer], &[], all),
            &["ann", "ben", "cat", "dan"],
        ),
        (with(&[], &[ward.inner_area], all), &["cat", "dan"]),
        (with(&[], &[ward.area], all), &["ben", "cat", "dan"]),
        (
            with(&[], &[ward.area, ward.inner_area], all),
            &["ben", "cat", "dan"],
        ),
        (with(&[ward.administrator], &[ward.area], all), &["cat"]),
        (
            with(
                &[ward.administrator],
                &[ward.area],
                &[ShownStatus::Inactive],
            ),
            &[],
        ),
        (
            with(&[], &[], &[ShownStatus::Inactive, ShownStatus::Expired]),
            &["eve"],
        ),
        (with(&[], &[], &[]), &[]),
    ] {
        assert_eq!(names(&store, &query).await, found);
    }
    // Having no role is an alternative to having one, and a role that has ended is none.
    let without = |query| MemberQuery {
        without_role: true,
        ..query
    };
    assert_eq!(names(&store, &without(with(&[], &[], all))).await, ["eve"]);
    let mut ended = people[4].clone();
    ended.roles = vec![(ward.viewer, Some(ward.area))];
    let mut ended = assignments(&ended);
    ended[0].ends_at = Some(morning());
    let mut tx = store.write().await.unwrap();
    tx.insert_assignments(&ended).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(names(&store, &without(with(&[], &[], all))).await, ["eve"]);
    let either = without(with(&[ward.administrator], &[], all));
    assert_eq!(names(&store, &either).await, ["ann", "cat", "eve"]);
    // Nobody is found outside of the areas of whoever asks, whatever they filter by.
    let reach = ListReach::Areas(vec![ward.inner_area]);
    let query = MemberQuery {
        reach: reach.clone(),
        ..everybody(ward.organisation)
    };
    assert_eq!(names(&store, &query).await, ["cat", "dan"]);
    let query = MemberQuery {
        reach,
        ..with(&[ward.viewer], &[ward.area], all)
    };
    assert_eq!(names(&store, &query).await, ["cat", "dan"]);
    let nobody = ListReach::Areas(Vec::new());
    let query = MemberQuery {
        reach: nobody,
        ..everybody(ward.organisation)
    };
    assert_eq!(names(&store, &query).await, [""; 0]);
}

async fn an_invitation_expires_in_list_filter_and_count_at_the_same_moment(store: Store) {
    let ward = ward(&store, 1).await;
    let end = morning() + TimeDelta::days(7);
    let mut invited = Person::new(
        &ward,
        2_000,
        "",
        "",
        "sam@nhs.net",
        MembershipStatus::Pending,
    );
    invited.row.invitation_expires_at = Some(end);
    invited.roles = vec![(ward.viewer, Some(ward.inner_area))];
    let mut failed = Person::new(
        &ward,
        2_010,
        "",
        "",
        "tom@nhs.net",
        MembershipStatus::Pending,
    );
    failed.row.invitation_expires_at = Some(end);
    failed.row.delivery_failed_at = Some(morning());
    add(&store, &[invited, failed]).await;
    let before = end - TimeDelta::microseconds(1);
    for reach in [ListReach::Whole, ListReach::Areas(vec![ward.area])] {
        let failures = u32::from(reach == ListReach::Whole);
        for (now, pending, failed, expired) in [
            (before, 1, failures, 0),
            (end, 0, 0, 1 + failures),
            (end + TimeDelta::days(400), 0, 0, 1 + failures),
        ] {
            let mut tx = store.read().await.unwrap();
            let counts = tx
                .member_counts(ward.organisation, &reach, now, &KeptCounts::default())
                .await
                .unwrap();
            for (status, people) in [
                (ShownStatus::Pending, pending),
                (ShownStatus::EmailFailed, failed),
                (ShownStatus::Expired, expired),
            ] {
                assert_eq!(counts.status(status), people, "{status} at {now}");
                let query = MemberQuery {
                    now,
                    reach: reach.clone(),
                    statuses: vec![status],
                    ..everybody(ward.organisation)
                };
                let page = tx.list_members(&query, &counts).await.unwrap();
                assert_eq!((page.total, page.rows.len()), (people, people as usize));
                for row in page.rows {
                    let failed = row.delivery_failed_at.is_some();
                    assert_eq!(
                        ShownStatus::of(row.status, row.invitation_expires_at, failed, now),
                        status
                    );
                }
            }
        }
    }
}

async fn every_way_to_a_page_leads_to_the_same_page(store: Store) {
    let ward = ward(&store, 1).await;
    let people = crowd(&ward, 90);
    add(&store, &people).await;
    let mut tx = store.read().await.unwrap();
    let mut ways = 0;
    for query in queries(&ward) {
        let expected = expected(&people, &ward, &query);
        let counts = tx
            .member_counts(
                query.organisation,
                &query.reach,
                query.now,
                &KeptCounts::default(),
            )
            .await
            .unwrap();
        // For an export, whatever page is asked for.
        let all = tx.list_member_ids(&query, &counts).await.unwrap();
        assert_eq!(all, expected, "{query:?}");
        // Also from behind the middle, which is nearer to the end.
        for offset in [0, expected.len() * 2 / 3] {
            let query = MemberQuery {
                offset: u32::try_from(offset).unwrap(),
                limit: 9,
                ..query.clone()
            };
            let wanted = &expected[offset..expected.len().min(offset + 9)];
            let pages = tx.list_members_in_every_way(&query, &counts).await.unwrap();
            for page in &pages {
                let ids: Vec<_> = page.rows.iter().map(|row| row.id).collect();
                assert_eq!(ids, wanted, "{query:?}");
                assert_eq!(page.total as usize, expected.len(), "{query:?}");
            }
            ways += pages.len();
        }
    }
    assert!(ways > 3_000, "{ways}");
}

async fn every_list_is_what_the_rules_say(store: Store) {
    let ward = ward(&store, 1).await;
    let people = crowd(&ward, 90);
    add(&store, &people).await;
    let mut tx = store.read().await.unwrap();
    for query in queries(&ward) {
        let expected = expected(&people, &ward, &query);
        let counts = tx
            .member_counts(
                query.organisation,
                &query.reach,
                query.now,
                &KeptCounts::default(),
            )
            .await
            .unwrap();
        for limit in [100_u32, 7] {
            let mut ids = Vec::new();
            loop {
                let offset = u32::try_from(ids.len()).unwrap();
                let page = MemberQuery {
                    limit,
                    offset,
                    ..query.clone()
                };
                let page = tx.list_members(&page, &counts).await.unwrap();
                assert_eq!(page.total as usize, expected.len(), "{query:?}");
                assert!(!page.more);
                assert_eq!(page.offset, offset);
                ids.extend(page.rows.iter().map(|row| row.id));
                if page.rows.is_empty() || ids.len() >= expected.len() {
                    break;
                }
            }
            assert_eq!(ids, expected, "{query:?}");
        }
        let behind = MemberQuery {
            offset: 100,
            limit: 5,
            ..query.clone()
        };
        let page = tx.list_members(&behind, &counts).await.unwrap();
        let ids: Vec<_> = page.rows.iter().map(|row| row.id).collect();
        assert_eq!(
            (page.offset, &ids[..]),
            (0, &expected[..expected.len().min(5)])
        );
        assert_eq!(page.total as usize, expected.len());
    }
}
