use proptest::prelude::*;

use super::*;

/// ux 4.3, J14 to J16: filters repeat keys, unknown values are ignored, what is written reads back.
#[test]
fn a_url_reads_and_writes_in_one_order() {
    let query = UsersQuery::parse(
        "?page=2&sort=last-sign-in&role=recorder&area=ward-3&status=pending&status=active&status=invited\
         &role=lead&role=recorder&codes=perhaps&dir=sideways&per-page=50&q=+Carlton%2C+jane+",
    );
    assert_eq!(query.q, "Carlton, jane");
    assert_eq!(query.status, [ShownStatus::Pending, ShownStatus::Active]);
    assert_eq!(query.role, ["recorder", "lead"]);
    assert_eq!(
        (query.sort, query.dir),
        (UsersSort::LastSignIn, Direction::Descending)
    );
    assert_eq!((query.page, query.per_page), (2, 50));
    assert_eq!(
        query.to_query_string(),
        "?q=Carlton%2C+jane&status=pending&status=active&role=recorder&role=lead&area=ward-3\
         &sort=last-sign-in&page=2&per-page=50"
    );
    assert_eq!(UsersQuery::parse(&query.to_query_string()), query);
    assert_eq!(UsersQuery::default().to_query_string(), "");
    assert_eq!(
        UsersQuery::parse("?page=0&per-page=7&sort=phone&status=&role="),
        UsersQuery::default()
    );
    assert_eq!(UsersQuery::parse("dir=desc").to_query_string(), "?dir=desc");
}

/// D1, 6.10: each of the other filters reads and writes, in the order of the page, each value once; what is no
/// value of theirs is nothing.
#[test]
fn every_filter_is_in_the_url_and_can_be_taken_off() {
    let query = UsersQuery::parse(
        "?access-ends=month&clinician=yes&last-sign-in=90&last-sign-in=never&codes=off&codes=on&codes=off\
         &access-ends=week&clinician=yes&area=c",
    );
    assert_eq!(query.codes, [Codes::On, Codes::Off]);
    assert_eq!(query.last_sign_in, [LastSignIn::Never, LastSignIn::Days90]);
    assert_eq!(query.access_ends, [AccessEnds::Week, AccessEnds::Month]);
    assert!(query.clinician);
    let written = "?area=c&codes=on&codes=off&last-sign-in=never&last-sign-in=90&clinician=yes\
         &access-ends=week&access-ends=month";
    assert_eq!(query.to_query_string(), written);
    assert_eq!(UsersQuery::parse(written), query);
    for filter in query.filters() {
        let pair = [filter.name(), "=", filter.value()].concat();
        let pairs = written.trim_start_matches('?').split('&');
        let left: Vec<&str> = pairs.filter(|other| *other != pair).collect();
        let without = query.with_page(7).without(&filter).to_query_string();
        assert_eq!(without, ["?", &left.join("&")].concat());
    }
    assert_eq!(
        UsersQuery::parse(
            "q=x&sort=invited&per-page=50&page=3&codes=on&clinician=yes&access-ends=week"
        )
        .without_filters()
        .to_query_string(),
        "?q=x&sort=invited&per-page=50"
    );
    for unknown in [
        "codes=yes",
        "last-sign-in=45",
        "clinician=no",
        "access-ends=today",
        "clinician=",
    ] {
        assert_eq!(
            UsersQuery::parse(unknown),
            UsersQuery::default(),
            "{unknown}"
        );
    }
}

/// D1: current is the default, "all" is every status.
#[test]
fn without_a_status_the_current_people_are_listed() {
    assert_eq!(UsersQuery::default().statuses(), UsersQuery::CURRENT);
    assert_eq!(
        UsersQuery::parse("status=all&status=active").statuses(),
        ShownStatus::ALL
    );
    assert_eq!(
        UsersQuery::parse("status=inactive").statuses(),
        [ShownStatus::Inactive]
    );
    assert_eq!(
        UsersQuery::default().with_all().to_query_string(),
        "?status=all"
    );
    assert_eq!(
        UsersQuery::parse("status=all&page=3")
            .with_statuses(&[ShownStatus::Expired])
            .to_query_string(),
        "?status=expired"
    );
}

/// J16, ux 6.10 and 6.11: what changes the list goes back to its first page.
#[test]
fn changes_go_back_to_the_first_page() {
    let query = UsersQuery::parse("q=x&status=active&role=a&role=b&area=c&page=4&sort=name");
    assert_eq!(query.filters().len(), 4);
    assert_eq!(
        query.without(&Filter::Role("a".into())).to_query_string(),
        "?q=x&status=active&role=b&area=c"
    );
    assert_eq!(
        query
            .without(&Filter::Status(ShownStatus::Active))
            .to_query_string(),
        "?q=x&role=a&role=b&area=c"
    );
    assert_eq!(
        query.without(&Filter::Area("c".into())).to_query_string(),
        "?q=x&status=active&role=a&role=b"
    );
    assert_eq!(query.without_filters().to_query_string(), "?q=x");
    assert_eq!(
        query.without_search().to_query_string(),
        "?status=active&role=a&role=b&area=c"
    );
    assert_eq!(query.with_page(5).page, 5);
    assert_eq!(query.with_per_page(100).page, 1);
    let by_date = query.toggle_sort(UsersSort::Invited);
    assert_eq!(
        (by_date.sort, by_date.dir, by_date.page),
        (UsersSort::Invited, Direction::Descending, 1)
    );
    assert_eq!(
        by_date.toggle_sort(UsersSort::Invited).dir,
        Direction::Ascending
    );
    assert_eq!(
        by_date.toggle_sort(UsersSort::Name).dir,
        Direction::Ascending
    );
    assert_eq!(by_date.aria_sort(UsersSort::Invited), "descending");
    assert_eq!(by_date.aria_sort(UsersSort::Name), "none");
}

/// J17: "Showing 26 to 50 of 214".
#[test]
fn a_page_knows_its_rows() {
    let row = UserRow {
        membership: crate::id::MembershipId::from_uuid(uuid::Uuid::from_u128(1)),
        user: crate::id::UserId::from_uuid(uuid::Uuid::from_u128(2)),
        name: String::new(),
        email: "sam@nhs.net".into(),
        roles: vec![],
        areas: vec![],
        everywhere: false,
        status: ShownStatus::Pending,
        invitation: None,
        invited_at: None,
        invitation_expires_at: None,
        last_signed_in_at: None,
        ends_at: None,
        is_self: false,
    };
    assert_eq!(row.label(), "sam@nhs.net");
    let mut page = UsersPage {
        rows: vec![row; 25],
        total: 214,
        more: false,
        counts: vec![
            StatusCount {
                status: ShownStatus::Active,
                count: 200,
            },
            StatusCount {
                status: ShownStatus::Expired,
                count: 14,
            },
            StatusCount {
                status: ShownStatus::Inactive,
                count: 3,
            },
        ],
        statuses: vec![],
        roles: vec![],
        areas: vec![],
        codes: vec![],
        last_sign_in: vec![],
        clinicians: vec![],
        clinician_label: String::new(),
        access_ends: vec![],
        page: 2,
        pages: UsersPage::pages_of(214, 25),
        per_page: 25,
        at: chrono::DateTime::UNIX_EPOCH,
        labels: crate::Policy::default().status_labels,
        area_label: crate::Policy::default().area_label,
        limited_to: vec![],
        may_invite: true,
        may_export: true,
        bulk: crate::bulk::BulkActions::default(),
    };
    assert_eq!((page.first_row(), page.last_row(), page.pages), (26, 50, 9));
    assert_eq!(
        (
            page.current(),
            page.everybody(),
            page.count(ShownStatus::Pending)
        ),
        (214, 217, 0)
    );
    page.rows.clear();
    assert_eq!((page.first_row(), page.last_row()), (0, 0));
    assert_eq!(
        (
            UsersPage::pages_of(0, 25),
            UsersPage::pages_of(25, 25),
            UsersPage::pages_of(26, 25)
        ),
        (1, 1, 2)
    );
}

proptest! {
    /// Any URL can be read, and what was read is written and read the same.
    #[test]
    fn any_query_reads_back(text in any::<String>(), values in prop::collection::vec(any::<String>(), 0..5)) {
        UsersQuery::parse(&text);
        let mut pairs = vec![("q", text)];
        pairs.extend(values.into_iter().map(|value| ("role", value)));
        let query = UsersQuery::from_pairs(pairs);
        prop_assert_eq!(UsersQuery::parse(&query.to_query_string()), query);
    }
}
