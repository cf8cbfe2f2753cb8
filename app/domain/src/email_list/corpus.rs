//! What people paste. Each case says what is in it and what must come out; R97 and B03 for all of them.

use super::*;

mod problems;

/// A pasted text, the addresses in it, how many are repeated, and the problems with their suggestions.
struct Case {
    pasted: &'static str,
    recognised: &'static [&'static str],
    repeated: usize,
    problems: &'static [(&'static str, EmailProblem, Option<&'static str>)],
}

const fn good(pasted: &'static str, recognised: &'static [&'static str]) -> Case {
    Case {
        pasted,
        recognised,
        repeated: 0,
        problems: &[],
    }
}

const fn bad(
    pasted: &'static str,
    problems: &'static [(&'static str, EmailProblem, Option<&'static str>)],
) -> Case {
    Case {
        pasted,
        recognised: &[],
        repeated: 0,
        problems,
    }
}

const fn mixed(
    pasted: &'static str,
    recognised: &'static [&'static str],
    repeated: usize,
    problems: &'static [(&'static str, EmailProblem, Option<&'static str>)],
) -> Case {
    Case {
        pasted,
        recognised,
        repeated,
        problems,
    }
}

use EmailProblem::{Format, NoAt};

const JANE: &[&str] = &["jane@nhs.net"];
const JANE_SAM: &[&str] = &["jane@nhs.net", "sam@nhs.net"];

fn check(cases: &[Case]) {
    for case in cases {
        let list = EmailList::parse(case.pasted);
        let recognised: Vec<_> = list
            .recognised
            .iter()
            .map(|found| found.address.as_str())
            .collect();
        assert_eq!(recognised, case.recognised, "{:?}", case.pasted);
        assert_eq!(list.repeated.len(), case.repeated, "{:?}", case.pasted);
        let problems: Vec<_> = list
            .problems
            .iter()
            .map(|problem| {
                (
                    problem.text.as_str(),
                    problem.reason,
                    problem.suggestion.as_deref(),
                )
            })
            .collect();
        assert_eq!(problems, case.problems, "{:?}", case.pasted);
    }
}

/// A pasted text, and the addresses in it with the names beside them.
type NamedCase<'a> = (&'a str, &'a [(&'a str, Option<&'a str>)]);

fn check_names(cases: &[NamedCase<'_>]) {
    for (pasted, expected) in cases {
        let list = EmailList::parse(pasted);
        let found: Vec<_> = list
            .recognised
            .iter()
            .map(|found| (found.address.as_str(), found.name.as_deref()))
            .collect();
        assert_eq!(found, *expected, "{pasted:?}");
        assert_eq!(list.problems, [], "{pasted:?}");
    }
}

/// B02, B03: every separator.
#[test]
fn separators() {
    check(&[
        good("", &[]),
        good(" \n\t\r\n , ;; \u{a0}\u{200b}\n", &[]),
        good("jane@nhs.net", JANE),
        good("jane@nhs.net\nsam@nhs.net", JANE_SAM),
        good("jane@nhs.net\r\nsam@nhs.net\r\n", JANE_SAM),
        good("jane@nhs.net\rsam@nhs.net", JANE_SAM),
        good("jane@nhs.net,sam@nhs.net", JANE_SAM),
        good("jane@nhs.net, sam@nhs.net,", JANE_SAM),
        good("jane@nhs.net;sam@nhs.net", JANE_SAM),
        good("jane@nhs.net; sam@nhs.net;", JANE_SAM),
        good("jane@nhs.net\tsam@nhs.net", JANE_SAM),
        good("jane@nhs.net sam@nhs.net", JANE_SAM),
        good("  jane@nhs.net   sam@nhs.net  ", JANE_SAM),
        good("jane@nhs.net\u{a0}sam@nhs.net", JANE_SAM),
        good("jane@nhs.net and sam@nhs.net", JANE_SAM),
        good("jane@nhs.net & sam@nhs.net", JANE_SAM),
        good("jane@nhs.net,\nsam@nhs.net;\n\n", JANE_SAM),
        good("jane@nhs.net ,; sam@nhs.net", JANE_SAM),
        good("jane@nhs.net，sam@nhs.net", JANE_SAM),
        good("jane@nhs.net\u{2028}sam@nhs.net", JANE_SAM),
        good(
            "jane@nhs.net a@nhs.net b@nhs.net",
            &["jane@nhs.net", "a@nhs.net", "b@nhs.net"],
        ),
    ]);
}

/// B03, ux 6.18: what programs put around addresses.
#[test]
fn decoration() {
    check(&[
        good("<jane@nhs.net>", JANE),
        good("<jane@nhs.net>, <sam@nhs.net>", JANE_SAM),
        good("<jane@nhs.net><sam@nhs.net>", JANE_SAM),
        good("<jane@nhs.net, sam@nhs.net>", JANE_SAM),
        good("(jane@nhs.net)", JANE),
        good("[jane@nhs.net]", JANE),
        good("{jane@nhs.net; sam@nhs.net}", JANE_SAM),
        good("\"jane@nhs.net\"", JANE),
        good("'jane@nhs.net'; 'sam@nhs.net'", JANE_SAM),
        good("“jane@nhs.net”, ‘sam@nhs.net’", JANE_SAM),
        good("«jane@nhs.net»", JANE),
        good("\"jane@nhs.net, sam@nhs.net\"", JANE_SAM),
        good("[\"jane@nhs.net\", \"sam@nhs.net\"]", JANE_SAM),
        good("mailto:jane@nhs.net", JANE),
        good("MAILTO:jane@nhs.net?subject=Hello%20you", JANE),
        good("<mailto:jane@nhs.net>", JANE),
        good("jane@nhs.net<mailto:jane@nhs.net>", JANE),
        good("[jane@nhs.net](mailto:jane@nhs.net)", JANE),
        good("jane@nhs.net.", JANE),
        good("jane@nhs.net...\nsam@nhs.net…", JANE_SAM),
        good("jane@nhs.net:", JANE),
        good("- jane@nhs.net\n- sam@nhs.net", JANE_SAM),
        good("-jane@nhs.net\n–sam@nhs.net", JANE_SAM),
        good("* jane@nhs.net\n*sam@nhs.net", JANE_SAM),
        good("• jane@nhs.net\n•\tsam@nhs.net", JANE_SAM),
        good("\u{f0b7}\tjane@nhs.net\no\tsam@nhs.net", JANE_SAM),
        good("1. jane@nhs.net\n2. sam@nhs.net", JANE_SAM),
        good("1) jane@nhs.net\n(2) sam@nhs.net", JANE_SAM),
        good("a) jane@nhs.net\nb) sam@nhs.net", JANE_SAM),
        good("1 jane@nhs.net\n2 sam@nhs.net", JANE_SAM),
        good("1.\tjane@nhs.net\n2.\tsam@nhs.net\n3.", JANE_SAM),
        good("> jane@nhs.net\n>> sam@nhs.net", JANE_SAM),
        good("---\njane@nhs.net\n***\n", JANE),
        good("\u{feff}jane@nhs.net\u{200b}", JANE),
        good("ja\u{200b}ne@nhs\u{ad}.net", JANE),
        good(
            "\u{200e}jane@nhs.net\u{200e}\n\u{202a}sam@nhs.net\u{202c}",
            JANE_SAM,
        ),
        good("\u{a0}jane@nhs.net\u{a0}", JANE),
        good("Email: jane@nhs.net\nTo: sam@nhs.net", JANE_SAM),
        good("o’neil@nhs.net", &["o'neil@nhs.net"]),
    ]);
}

/// Addresses that must survive as they are.
#[test]
fn unusual_addresses() {
    check(&[
        good(
            "jane.carlton2+greenwoodpharmacy@nhs.net",
            &["jane.carlton2+greenwoodpharmacy@nhs.net"],
        ),
        good("Jane.Carlton@NHS.Net", &["Jane.Carlton@nhs.net"]),
        good("1@nhs.net 2b@nhs.net", &["1@nhs.net", "2b@nhs.net"]),
        good("1.jane@nhs.net", &["1.jane@nhs.net"]),
        good("r&d@rosebush.nhs.uk", &["r&d@rosebush.nhs.uk"]),
        good("_x-1@a-b.nhs.uk", &["_x-1@a-b.nhs.uk"]),
        good("jane-@nhs.net", &["jane-@nhs.net"]),
        bad("siân@ysbyty.cymru", &[("siân@ysbyty.cymru", Format, None)]),
        good("sian@tŷ.cymru", &["sian@xn--t-foa.cymru"]),
        good(
            "to@nhs.net; email@nhs.net",
            &["to@nhs.net", "email@nhs.net"],
        ),
    ]);
}

/// B03: names beside addresses, as mail programs write them.
#[test]
fn names() {
    check_names(&[
        (
            "\"Carlton, Jane\" <jane.carlton2@nhs.net>; Sam Okoro <sam@nhs.net>",
            &[
                ("jane.carlton2@nhs.net", Some("Carlton, Jane")),
                ("sam@nhs.net", Some("Sam Okoro")),
            ],
        ),
        (
            "Carlton, Jane <jane@nhs.net>; Okoro, Sam <sam@nhs.net>",
            &[
                ("jane@nhs.net", Some("Carlton, Jane")),
                ("sam@nhs.net", Some("Okoro, Sam")),
            ],
        ),
        (
            "CARLTON, Jane (HOLLYBROOK HOSPITAL) <jane@nhs.net>;\nOKORO, Sam (HOLLYBROOK HOSPITAL) <sam@nhs.net>",
            &[
                ("jane@nhs.net", Some("CARLTON, Jane (HOLLYBROOK HOSPITAL)")),
                ("sam@nhs.net", Some("OKORO, Sam (HOLLYBROOK HOSPITAL)")),
            ],
        ),
        (
            "Jane Carlton <jane@nhs.net>, Sam <sam@nhs.net>, bo@nhs.net",
            &[
                ("jane@nhs.net", Some("Jane Carlton")),
                ("sam@nhs.net", Some("Sam")),
                ("bo@nhs.net", None),
            ],
        ),
        (
            "Jane Carlton <jane@nhs.net> Sam Okoro <sam@nhs.net>",
            &[
                ("jane@nhs.net", Some("Jane Carlton")),
                ("sam@nhs.net", Some("Sam Okoro")),
            ],
        ),
        (
            "bo@nhs.net Sam Okoro <sam@nhs.net>",
            &[("bo@nhs.net", None), ("sam@nhs.net", Some("Sam Okoro"))],
        ),
        (
            "“O’Neil, Niamh” <niamh@nhs.net>",
            &[("niamh@nhs.net", Some("O'Neil, Niamh"))],
        ),
        (
            "'Jane Carlton' <jane@nhs.net>",
            &[("jane@nhs.net", Some("Jane Carlton"))],
        ),
        ("'jane@nhs.net' <jane@nhs.net>", &[("jane@nhs.net", None)]),
        (
            "\"jane@old.nhs.uk\" <jane@nhs.net>",
            &[("jane@nhs.net", None)],
        ),
        (
            "José Núñez <jose@nhs.net>",
            &[("jose@nhs.net", Some("José Núñez"))],
        ),
        (
            "Jane <mailto:jane@nhs.net>",
            &[("jane@nhs.net", Some("Jane"))],
        ),
        (
            "Jane Carlton <jane@nhs.net",
            &[("jane@nhs.net", Some("Jane Carlton"))],
        ),
        (
            "Jane Carlton<jane@nhs.net>",
            &[("jane@nhs.net", Some("Jane Carlton"))],
        ),
        (
            "To: Jane Carlton <jane@nhs.net>",
            &[("jane@nhs.net", Some("To: Jane Carlton"))],
        ),
        (
            "Jane Carlton (jane@nhs.net)",
            &[("jane@nhs.net", Some("Jane Carlton"))],
        ),
        (
            "Jane Carlton [jane@nhs.net]",
            &[("jane@nhs.net", Some("Jane Carlton"))],
        ),
        (
            "Jane Carlton - jane@nhs.net",
            &[("jane@nhs.net", Some("Jane Carlton"))],
        ),
        (
            "Jane Carlton: jane@nhs.net",
            &[("jane@nhs.net", Some("Jane Carlton"))],
        ),
        (
            "jane@nhs.net (Jane Carlton)",
            &[("jane@nhs.net", Some("Jane Carlton"))],
        ),
        (
            "1. Jane Carlton <jane@nhs.net>",
            &[("jane@nhs.net", Some("Jane Carlton"))],
        ),
        (
            "• Jane Carlton – jane@nhs.net",
            &[("jane@nhs.net", Some("Jane Carlton"))],
        ),
        ("\"\" <jane@nhs.net>", &[("jane@nhs.net", None)]),
        (
            "\"Smith; Jones\" <jane@nhs.net>",
            &[("jane@nhs.net", Some("Smith; Jones"))],
        ),
    ]);
}

/// B03: columns of a spreadsheet.
#[test]
fn columns() {
    check_names(&[
        (
            "Jane Carlton\tjane@nhs.net",
            &[("jane@nhs.net", Some("Jane Carlton"))],
        ),
        (
            "jane@nhs.net\tJane Carlton",
            &[("jane@nhs.net", Some("Jane Carlton"))],
        ),
        (
            "Jane\tCarlton\tjane@nhs.net",
            &[("jane@nhs.net", Some("Jane Carlton"))],
        ),
        (
            "Carlton, Jane\tjane@nhs.net",
            &[("jane@nhs.net", Some("Carlton, Jane"))],
        ),
        (
            "12\tJane\tCarlton\tjane@nhs.net\t07700 900982",
            &[("jane@nhs.net", Some("Jane Carlton"))],
        ),
        (
            "Jane\tCarlton\tWard manager\tjane@nhs.net",
            &[("jane@nhs.net", None)],
        ),
        ("\tjane@nhs.net\t", &[("jane@nhs.net", None)]),
        (
            "Jane\tjane@nhs.net\tSam\tsam@nhs.net",
            &[("jane@nhs.net", None), ("sam@nhs.net", None)],
        ),
        (
            "Jane Carlton\tjane@nhs.net\r\nSam Okoro\tsam@nhs.net\r\n",
            &[
                ("jane@nhs.net", Some("Jane Carlton")),
                ("sam@nhs.net", Some("Sam Okoro")),
            ],
        ),
    ]);
    check(&[mixed(
        "Name\tEmail address\nJane\tjane@nhs.net",
        JANE,
        0,
        &[("Name\tEmail address", NoAt, None)],
    )]);
}
