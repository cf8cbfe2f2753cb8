use domain::{
    listing::StatusCount,
    policy::{AreaLabel, StatusLabels},
};

use super::*;

fn page(total: u32, page: u32) -> UsersPage {
    UsersPage {
        rows: Vec::new(),
        total,
        more: false,
        counts: vec![StatusCount {
            status: ShownStatus::Active,
            count: 3,
        }],
        statuses: Vec::new(),
        roles: Vec::new(),
        areas: Vec::new(),
        codes: Vec::new(),
        last_sign_in: Vec::new(),
        clinicians: Vec::new(),
        clinician_label: String::new(),
        access_ends: Vec::new(),
        page,
        pages: UsersPage::pages_of(total, 25),
        per_page: 25,
        at: chrono::DateTime::UNIX_EPOCH,
        labels: StatusLabels {
            inactive: "Deactivated".to_owned(),
            ..StatusLabels::default()
        },
        area_label: AreaLabel::default(),
        limited_to: Vec::new(),
        may_invite: true,
        may_export: true,
        bulk: domain::bulk::BulkActions::default(),
    }
}

/// T-TTL-01, ux 4.5.
#[test]
fn the_title_names_page_and_search() {
    let query = UsersQuery::parse("?q=smith");
    assert_eq!(title(&UsersQuery::default(), &page(3, 1)), "Users");
    assert_eq!(
        title(&query, &page(214, 2)),
        "Users (page 2 of 9): results for “smith”"
    );
}

/// J17: the count is said in words.
#[test]
fn the_caption_says_what_is_shown() {
    let caption = |query: &str, page: &UsersPage| caption(&UsersQuery::parse(query), page);
    assert_eq!(caption("", &page(7, 1)), "Showing 7 current users");
    assert_eq!(caption("", &page(1, 1)), "Showing 1 current user");
    assert_eq!(
        caption("?status=inactive", &page(2, 1)),
        "Showing 2 deactivated users"
    );
    assert_eq!(caption("?status=all", &page(2, 1)), "Showing 2 users");
    let mut many = page(1_000, 1);
    many.more = true;
    assert_eq!(found(&many), "more than 1,000 users found");
    let query = UsersQuery::parse("?q=smith");
    assert_eq!(
        matching(&query, &page(3, 1)),
        "Showing 3 users matching “smith”"
    );
}

/// ux 6.27.
#[test]
fn an_empty_list_says_why() {
    let empty = |query: &str| nobody(&UsersQuery::parse(query), &page(0, 1));
    assert_eq!(empty("?q=smyth").text, "No users match “smyth”.");
    assert_eq!(empty("?status=expired").text, "There are no expired users.");
    assert_eq!(
        empty("?q=smyth%40nhs.net").invite.as_deref(),
        Some("smyth@nhs.net")
    );
    assert_eq!(empty("?q=smyth").invite, None);
    assert!(empty("?q=smyth").elsewhere && !empty("?q=smyth&status=all").elsewhere);
}

#[test]
fn limits_read_as_a_sentence() {
    let limited = |areas: &[&str]| {
        let mut page = page(1, 1);
        page.limited_to = areas.iter().map(|area| (*area).to_owned()).collect();
        limits(&page)
    };
    assert_eq!(limited(&[]), None);
    assert_eq!(
        limited(&["Ward 3"]).as_deref(),
        Some("You can see users in Ward 3.")
    );
    assert_eq!(
        limited(&["Ward 3", "Ward 4", "Ward 5"]).as_deref(),
        Some("You can see users in Ward 3, Ward 4 and Ward 5.")
    );
}

/// D1: the list starts with who is current.
#[test]
fn tabs_choose_statuses() {
    let current = |query: &str| -> Vec<String> {
        let tabs = tabs(&UsersQuery::parse(query), &page(3, 1));
        tabs.into_iter()
            .filter(|tab| tab.current)
            .map(|tab| tab.text)
            .collect()
    };
    assert_eq!(current(""), ["Current"]);
    assert_eq!(current("?status=inactive"), ["Deactivated"]);
    assert_eq!(current("?status=all"), ["All"]);
    assert!(current("?status=pending&status=expired").is_empty());
}
