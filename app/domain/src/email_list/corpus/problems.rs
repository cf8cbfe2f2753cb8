//! What is not an address, what only looks like one, and what was probably meant.

use EmailProblem::{Format, ManyAt, NoAt, NoEnding, Space, TooLong};

use super::*;

/// B04, B10, ux 7.7: what is not an address, with its reason and what may have been meant.
#[test]
fn problems() {
    check(&[
        bad("Email address", &[("Email address", NoAt, None)]),
        bad("jane", &[("jane", NoAt, None)]),
        bad(
            "jane.smith@nhs",
            &[("jane.smith@nhs", NoEnding, Some("jane.smith@nhs.net"))],
        ),
        bad("jane@hollybrook", &[("jane@hollybrook", NoEnding, None)]),
        bad(
            "jane@gmail",
            &[("jane@gmail", NoEnding, Some("jane@gmail.com"))],
        ),
        bad(
            "jane@nhsnet",
            &[("jane@nhsnet", NoEnding, Some("jane@nhs.net"))],
        ),
        bad(
            "jane@nhs,net",
            &[("jane@nhs,net", Format, Some("jane@nhs.net"))],
        ),
        mixed(
            "jane@nhs,net, sam@nhs.net",
            &["sam@nhs.net"],
            0,
            &[("jane@nhs,net", Format, Some("jane@nhs.net"))],
        ),
        bad(
            "jane@hollybrook.nhs,uk",
            &[(
                "jane@hollybrook.nhs,uk",
                Format,
                Some("jane@hollybrook.nhs.uk"),
            )],
        ),
        bad(
            "jane@@nhs.net",
            &[("jane@@nhs.net", ManyAt, Some("jane@nhs.net"))],
        ),
        bad(
            "jane@nhs.net@nhs.net",
            &[("jane@nhs.net@nhs.net", ManyAt, Some("jane@nhs.net"))],
        ),
        bad("jane@sam@nhs.net", &[("jane@sam@nhs.net", ManyAt, None)]),
        bad(
            "jane@nhs.net <sam@nhs.net>",
            &[("jane@nhs.net <sam@nhs.net>", ManyAt, None)],
        ),
        bad(
            "jane carlton@nhs.net",
            &[("jane carlton@nhs.net", Space, Some("jane.carlton@nhs.net"))],
        ),
        bad(
            "o neil@nhs.net",
            &[("o neil@nhs.net", Space, Some("o.neil@nhs.net"))],
        ),
        bad(
            "Jane Anne Carlton jane@nhs.net",
            &[(
                "Jane Anne Carlton jane@nhs.net",
                Space,
                Some("jane@nhs.net"),
            )],
        ),
        bad(
            "jane @nhs.net",
            &[("jane @nhs.net", Space, Some("jane@nhs.net"))],
        ),
        bad(
            "jane@ nhs.net",
            &[("jane@ nhs.net", Space, Some("jane@nhs.net"))],
        ),
        bad(
            "jane@nhs .net",
            &[("jane@nhs .net", Space, Some("jane@nhs.net"))],
        ),
        bad(
            "jane@nhs.net Jane Carlton",
            &[("jane@nhs.net Jane Carlton", Space, Some("jane@nhs.net"))],
        ),
        bad(
            "jane.nhs.net",
            &[("jane.nhs.net", NoAt, Some("jane@nhs.net"))],
        ),
        bad(
            "jane\"nhs.net",
            &[("jane\"nhs.net", NoAt, Some("jane@nhs.net"))],
        ),
        bad(
            "jane..carlton@nhs.net",
            &[(
                "jane..carlton@nhs.net",
                Format,
                Some("jane.carlton@nhs.net"),
            )],
        ),
        bad(
            "jane.@nhs.net",
            &[("jane.@nhs.net", Format, Some("jane@nhs.net"))],
        ),
        bad(
            "jane@.nhs.net",
            &[("jane@.nhs.net", Format, Some("jane@nhs.net"))],
        ),
        bad("@nhs.net", &[("@nhs.net", Format, None)]),
        bad("jane@", &[("jane@", NoEnding, None)]),
        bad("@", &[("@", Format, None)]),
        bad("jane@10.0.0.1", &[("jane@10.0.0.1", NoEnding, None)]),
        bad("jane@[10.0.0.1]", &[("jane@[10.0.0.1]", Format, None)]),
        bad(
            "jane(comment)@nhs.net",
            &[("jane(comment)@nhs.net", Format, None)],
        ),
        bad(
            "jane%example.com@nhs.net",
            &[("jane%example.com@nhs.net", Format, None)],
        ),
        bad("jane\0@nhs.net", &[("jane\0@nhs.net", Format, None)]),
        bad(
            "jane@n\u{1b}hs.net",
            &[("jane@n\u{1b}hs.net", Format, None)],
        ),
        bad("07700 900 982", &[("07700 900 982", NoAt, None)]),
        mixed(
            "jane,carlton@nhs.net",
            &["carlton@nhs.net"],
            0,
            &[("jane", NoAt, None)],
        ),
        bad(
            "<jane,smith@nhs.net>",
            &[("<jane,smith@nhs.net>", Format, None)],
        ),
        bad("Jane <>", &[("Jane <>", NoAt, None)]),
        mixed(
            "Jane Carlton jane@nhs.net sam@nhs.net",
            &["sam@nhs.net"],
            0,
            &[("Jane Carlton jane@nhs.net", Space, Some("jane@nhs.net"))],
        ),
    ]);
    let long = format!("{}@nhs.net", "x".repeat(300));
    let list = EmailList::parse(&long);
    assert_eq!(list.problems[0].reason, TooLong);
}

/// R96: text that could be taken for another is never recognised.
#[test]
fn look_alikes() {
    check(&[
        bad(
            "jane@nh\u{455}.net",
            &[("jane@nh\u{455}.net", Format, None)],
        ),
        bad(
            "j\u{430}ne@nhs.net",
            &[("j\u{430}ne@nhs.net", Format, None)],
        ),
        bad(
            "jane@\u{43d}\u{445}\u{441}.\u{440}\u{444}",
            &[("jane@\u{43d}\u{445}\u{441}.\u{440}\u{444}", Format, None)],
        ),
        bad(
            "jane@xn--nh-fmc.net",
            &[("jane@xn--nh-fmc.net", Format, None)],
        ),
        bad(
            "jane@\u{5e0}\u{5d4}\u{5e1}.net",
            &[("jane@\u{5e0}\u{5d4}\u{5e1}.net", Format, None)],
        ),
        bad(
            "jane\u{202e}ten.shn@x.com",
            &[("jane\u{202e}ten.shn@x.com", Format, None)],
        ),
        bad(
            "\u{200f}jane@nhs.net",
            &[("\u{200f}jane@nhs.net", Format, None)],
        ),
        bad(
            "jane@nh\u{17f}.net",
            &[("jane@nh\u{17f}.net", Format, Some("jane@nhs.net"))],
        ),
        bad(
            "ｊａｎｅ@nhs.net",
            &[("ｊａｎｅ@nhs.net", Format, Some("jane@nhs.net"))],
        ),
        bad(
            "jane＠nhs.net",
            &[("jane＠nhs.net", NoAt, Some("jane@nhs.net"))],
        ),
        bad("jane@nhs。net", &[("jane@nhs。net", Format, None)]),
        bad("mıke@nhs.net", &[("mıke@nhs.net", Format, None)]),
    ]);
}

/// B04: domains that look mistyped are recognised, and say what may have been meant.
#[test]
fn suggestions_for_addresses() {
    let own = [
        "hollybrook-hospital.org".to_owned(),
        "*.trust.example".to_owned(),
    ];
    for (address, suggestion) in [
        ("jane@nhs.ent", Some("jane@nhs.net")),
        ("Jane@nhs.nett", Some("Jane@nhs.net")),
        ("jane@nsh.net", Some("jane@nhs.net")),
        ("jane@nhs.ne", Some("jane@nhs.net")),
        ("jane@nhss.net", Some("jane@nhs.net")),
        ("jane@gmial.com", Some("jane@gmail.com")),
        ("jane@gmail.con", Some("jane@gmail.com")),
        ("jane@gmail.co", Some("jane@gmail.com")),
        ("jane@hotmial.co.uk", Some("jane@hotmail.co.uk")),
        ("jane@outlok.com", Some("jane@outlook.com")),
        ("jane@btinternt.com", Some("jane@btinternet.com")),
        (
            "jane@hollybrok-hospitl.org",
            Some("jane@hollybrook-hospital.org"),
        ),
        ("jane@rosebush.nhs.ku", Some("jane@rosebush.nhs.uk")),
        ("jane@ward.trust.exmaple", Some("jane@ward.trust.example")),
        ("jane@nhs.net", None),
        ("jane@nhs.uk", None),
        ("jane@nhs.scot", None),
        ("jane@rosebush.nhs.uk", None),
        ("jane@ward.trust.example", None),
        ("jane@hollybrook-hospital.org", None),
        ("jane@mail.com", None),
        ("jane@gmail.com", None),
        ("jane@example.org", None),
        ("jane@hse.ie", None),
        ("jane@greenwood.co.uk", None),
    ] {
        let list = EmailList::parse_with(address, &own);
        assert_eq!(list.recognised.len(), 1, "{address}");
        assert_eq!(
            list.recognised[0].suggestion.as_deref(),
            suggestion,
            "{address}"
        );
        assert_eq!(
            list.looks_mistyped().count(),
            usize::from(suggestion.is_some())
        );
    }
}

/// B04, R97: repeats are merged, whatever their case, and counted.
#[test]
fn repeats() {
    check(&[
        mixed("jane@nhs.net\nJANE@NHS.NET\n<Jane@nhs.net>", JANE, 2, &[]),
        mixed(
            "jane@nhs.net, nobody, jane@nhs.net, nobody",
            JANE,
            1,
            &[("nobody", NoAt, None), ("nobody", NoAt, None)],
        ),
        mixed("jane@nhs.net (jane@nhs.net)", JANE, 1, &[]),
        good(
            "jane@nhs.net jane+rx1@nhs.net",
            &["jane@nhs.net", "jane+rx1@nhs.net"],
        ),
    ]);
}
