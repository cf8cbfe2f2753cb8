//! What must be true of the table, whatever is written into it.

use app::routes::PAGES;
use axum::http::Method;

use super::{
    TABLE,
    everything::{FILES, PASSWORD_ONLY, page_name},
    people::DEACTIVATED,
};

fn committed() -> Vec<Vec<String>> {
    let table = std::fs::read_to_string(TABLE).unwrap();
    let cells = |line: &str| line.split(',').map(ToOwned::to_owned).collect();
    table.lines().skip(1).map(cells).collect()
}

/// R63, R64: every page, server function and file has rows, and nothing else has.
#[test]
fn there_is_nothing_without_a_row() {
    let rows = committed();
    let named: std::collections::BTreeSet<&str> = rows.iter().map(|row| row[0].as_str()).collect();
    let mut there: Vec<String> = PAGES
        .iter()
        .map(|(path, _)| *path)
        .chain(FILES)
        .map(page_name)
        .collect();
    there.extend(
        server::web::server_function_paths()
            .into_iter()
            .map(|(method, path)| {
                assert!([Method::GET, Method::POST].contains(&method));
                format!("{method} {}", path.trim_start_matches("/fn/"))
            }),
    );
    let missing: Vec<&String> = there
        .iter()
        .filter(|name| !named.contains(name.as_str()))
        .collect();
    assert!(
        missing.is_empty(),
        "no row for {missing:#?}: name them in CALLS (or where people are named in the other file), then \
         write the table anew with LANYARD_UPDATE=1 and read what was added"
    );
    let gone: Vec<&&str> = named
        .iter()
        .filter(|name| !there.iter().any(|there| there == *name))
        .collect();
    assert!(gone.is_empty(), "rows of what is not there: {gone:#?}");
}

/// J01: without an account nobody sees anything of an organisation, not even whether a page is there.
#[test]
fn nobody_sees_an_organisation() {
    for row in committed() {
        if row[1] == "nobody" && row[0].contains(" /o/rx1") {
            assert_eq!(row[3], "sign in", "{}", row[0]);
        }
    }
}

/// R39: whoever has only typed a password reaches what everybody reaches, and the second step.
#[test]
fn a_password_alone_opens_nothing() {
    let rows = committed();
    let answers = |kind: &str| -> std::collections::BTreeMap<&str, &str> {
        let of_kind = rows.iter().filter(|row| row[1] == kind);
        of_kind
            .map(|row| (row[0].as_str(), row[3].as_str()))
            .collect()
    };
    let nobody = answers("nobody");
    let with_password = answers(PASSWORD_ONLY);
    assert!(with_password.len() > 100);
    for (what, answer) in with_password {
        let second_step = ["sign-in", "session/", "set-up-codes"]
            .iter()
            .any(|part| what.contains(part));
        let open = ["yes", "mend it", "not now", "over", "not there"].contains(&answer);
        assert!(
            !open || second_step || nobody[what] == answer,
            "{what}: {answer}, and {} for nobody",
            nobody[what]
        );
    }
}

/// Use cases that need a code, a link or a password of somebody, or follow another page: they are gone
/// through by the tests of signing in, of registration and of one's own account.
const ALLOWED_ELSEWHERE: [&str; 9] = [
    "/invitations/",
    "registration/",
    "/set-up/",
    "set-up/",
    "reset",
    "sign-in/",
    "set-up-codes/",
    "/account/",
    " account/",
];

/// Functions and pages of one organisation.
const OF_AN_ORGANISATION: [&str; 13] = [
    " /o/rx1",
    " activity/",
    " bulk/",
    " home/",
    " invitations/",
    " jobs/",
    " member-security/",
    " memberships/",
    " one-person/",
    " role/",
    " roles/",
    " user/",
    " users/",
];

/// R64: a use case that is refused in every cell proves nothing: each is allowed to somebody.
#[test]
fn every_use_case_is_allowed_to_somebody() {
    let rows = committed();
    let names: std::collections::BTreeSet<&str> = rows.iter().map(|row| row[0].as_str()).collect();
    let shut: Vec<&&str> = names
        .iter()
        .filter(|name| !ALLOWED_ELSEWHERE.iter().any(|part| name.contains(part)))
        .filter(|name| !rows.iter().any(|row| row[0] == **name && row[3] == "yes"))
        .collect();
    assert!(shut.is_empty(), "allowed to nobody: {shut:#?}");
}

/// R56, R61, R65: whoever was deactivated sees with their open session what a stranger sees: nothing, not
/// even that the organisation is there.
#[test]
fn the_deactivated_see_nothing_of_the_organisation() {
    let rows = committed();
    let of_kind = |kind: &'static str| rows.iter().filter(move |row| row[1] == kind);
    let mut seen = 0;
    for row in of_kind(DEACTIVATED) {
        let inside = OF_AN_ORGANISATION.iter().any(|part| row[0].contains(part));
        if inside {
            assert_eq!(row[3], "not there", "{row:?}");
            seen += 1;
        }
    }
    assert!(seen > 250, "{seen}");
}

/// R63: whoever may only work in a service changes nobody, on no way.
#[test]
fn who_manages_nothing_is_let_into_no_change() {
    let managing = [
        "bulk/",
        "memberships/",
        "invitations/",
        "one-person/",
        "jobs/",
    ];
    for row in committed() {
        let works = ["contributor", "viewer"].contains(&row[1].as_str());
        let change = managing
            .iter()
            .any(|part| row[0].contains(&format!(" {part}")));
        let inside = row[0].contains("/users/") || row[0].contains("/jobs");
        if works && (change || inside) {
            assert!(["no", "not there"].contains(&row[3].as_str()), "{row:?}");
        }
    }
}
