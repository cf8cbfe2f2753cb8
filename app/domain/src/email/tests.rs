use proptest::prelude::*;

use super::*;

fn problem(text: &str) -> Option<EmailProblem> {
    EmailAddress::parse(text).err()
}

/// R96: what is kept for display, and what is compared.
#[test]
fn an_address_is_shown_as_typed_and_compared_in_lower_case() {
    for (text, shown, key) in [
        ("jane@nhs.net", "jane@nhs.net", "jane@nhs.net"),
        (
            "  Jane.Carlton@NHS.Net\r\n",
            "Jane.Carlton@nhs.net",
            "jane.carlton@nhs.net",
        ),
        ("jane+rx1@nhs.net", "jane+rx1@nhs.net", "jane+rx1@nhs.net"),
        (
            "o'neil@rosebush.nhs.uk",
            "o'neil@rosebush.nhs.uk",
            "o'neil@rosebush.nhs.uk",
        ),
        ("r&d@a.co", "r&d@a.co", "r&d@a.co"),
        (
            "x@B\u{fc}cher.example",
            "x@xn--bcher-kva.example",
            "x@xn--bcher-kva.example",
        ),
        (
            "x@Bu\u{308}cher.example",
            "x@xn--bcher-kva.example",
            "x@xn--bcher-kva.example",
        ),
        (
            "x@XN--BCHER-KVA.example",
            "x@xn--bcher-kva.example",
            "x@xn--bcher-kva.example",
        ),
        (
            "x@stra\u{df}e.de",
            "x@xn--strae-oqa.de",
            "x@xn--strae-oqa.de",
        ),
    ] {
        let address = EmailAddress::parse(text).unwrap();
        assert_eq!((address.as_str(), address.key()), (shown, key), "{text:?}");
        assert_eq!(format!("{}@{}", address.local(), address.domain()), shown);
        let json = serde_json::to_string(&address).unwrap();
        assert_eq!(
            serde_json::from_str::<EmailAddress>(&json)
                .unwrap()
                .as_str(),
            shown
        );
    }
    assert_eq!(
        EmailAddress::parse("JANE@nhs.net"),
        EmailAddress::parse("jane@NHS.NET")
    );
}

/// ux 7.1 and 7.7, R96.
#[test]
fn each_problem_has_its_code_and_reason() {
    use EmailProblem::{Empty, Format, ManyAt, NoAt, NoEnding, Space, TooLong};
    for (text, expected, code, reason) in [
        ("", Empty, "email.empty", "email_line.not_address"),
        (" \t", Empty, "email.empty", "email_line.not_address"),
        ("jane", NoAt, "email.format", "email_line.no_at"),
        ("jane@nhs@net", ManyAt, "email.format", "email_line.many_at"),
        ("jane@nhs", NoEnding, "email.format", "email_line.no_ending"),
        (
            "jane@nhs.n3t",
            NoEnding,
            "email.format",
            "email_line.no_ending",
        ),
        (
            "jane@10.0.0.1",
            NoEnding,
            "email.format",
            "email_line.no_ending",
        ),
        ("jane c@nhs.net", Space, "email.format", "email_line.space"),
        (
            "jane\u{a0}c@nhs.net",
            Space,
            "email.format",
            "email_line.space",
        ),
        (
            "jane@nhs.net\r\nBcc: x",
            Format,
            "email.format",
            "email_line.not_address",
        ),
        (
            &format!("{}@nhs.net", "x".repeat(250)),
            TooLong,
            "email.too_long",
            "email_line.too_long",
        ),
    ] {
        assert_eq!(problem(text), Some(expected), "{text:?}");
        assert_eq!((expected.code(), expected.reason()), (code, reason));
    }
}

/// R96: control characters, line ends, commas, quotes, comments, addresses of machines, other scripts.
#[test]
fn what_only_looks_like_an_address_is_refused() {
    for text in [
        "@nhs.net",
        "jane@",
        ".jane@nhs.net",
        "jane.@nhs.net",
        "jane..c@nhs.net",
        "jane@.net",
        "jane@nhs..net",
        "jane@nhs.net.",
        "jane@-nhs.net",
        "jane@nhs-.net",
        "jane@n_hs.net",
        "jane,c@nhs.net",
        "jane@nhs,net",
        "\"jane c\"@nhs.net",
        "\"jane\"@nhs.net",
        "jane(c)@nhs.net",
        "jane@nhs.net(c)",
        "jane@[10.0.0.1]",
        "jane@[IPv6:::1]",
        "jane@[10.0.0.1].net",
        "jane%x.org@nhs.net",
        "x.org!jane@nhs.net",
        "{jane}@nhs.net",
        "`id`@nhs.net",
        "-oQ/tmp@nhs.net",
        "<jane@nhs.net>",
        "mailto:jane@nhs.net",
        "j\u{430}ne@nhs.net",
        "ja\u{f1}e@nhs.net",
        "ja\0ne@nhs.net",
        "ja\u{200b}ne@nhs.net",
        "\u{feff}jane@nhs.net",
        "jane@n\u{200d}hs.net",
        "jane@nh\u{455}.net",
        "jane@nh\u{17f}.net",
        "jane@\u{ff4e}hs.net",
        "jane@nhs\u{3002}net",
        "jane@nhs\u{2024}net",
        "jane@\u{2100}nhs.net",
        "m\u{131}ke@github.com",
        "mike@g\u{131}thub.com",
        "jane@\u{5e0}\u{5d4}\u{5e1}.net",
        "jane@xn--nh-fmc.net",
        "jane@xn--.net",
        "jane@xn--nhs-.net",
        "jane@xn--a.net",
        "jane@xn--bcher-kva\u{fc}.example",
        "jane\u{202e}ten.shn@x.com",
    ] {
        let found = problem(text);
        assert!(
            found.is_some_and(|problem| problem.code() == "email.format"),
            "{text:?}: {found:?}"
        );
    }
}

/// RFC 5321 lengths: 64 before the `@`, 63 in a label, 254 in all.
#[test]
fn lengths_have_exact_ends() {
    let local = |n: usize| format!("{}@nhs.net", "x".repeat(n));
    assert_eq!(problem(&local(64)), None);
    assert_eq!(problem(&local(65)), Some(EmailProblem::Format));
    let label = |n: usize| format!("x@{}.net", "x".repeat(n));
    assert_eq!(problem(&label(63)), None);
    assert_eq!(problem(&label(64)), Some(EmailProblem::Format));
    let long = |n: usize| {
        format!(
            "{}@{}.{}.{}.net",
            "x".repeat(64),
            "a".repeat(63),
            "b".repeat(63),
            "c".repeat(n)
        )
    };
    assert_eq!(long(57).len(), 254);
    assert_eq!(problem(&long(57)), None);
    assert_eq!(problem(&long(58)), Some(EmailProblem::TooLong));
    // Short as typed, too long in ASCII.
    let accents = format!("x@{}.net", vec!["\u{e9}".repeat(40); 6].join("."));
    assert_eq!(accents.chars().count(), 2 + 6 * 40 + 5 + 4);
    assert_eq!(problem(&accents), Some(EmailProblem::TooLong));
}

/// V03, C27: whole labels are compared.
#[test]
fn domain_rules_compare_whole_labels() {
    let rules = |rules: &[&str]| {
        rules
            .iter()
            .map(|rule| (*rule).to_owned())
            .collect::<Vec<_>>()
    };
    let allowed = |address: &str, list: &[&str]| {
        EmailAddress::parse(address)
            .unwrap()
            .domain_allowed(&rules(list))
    };
    let nhs = ["nhs.net", "*.nhs.uk"];
    for address in [
        "jane@nhs.net",
        "Jane@NHS.NET",
        "jane@nhs.uk",
        "jane@rosebush.nhs.uk",
        "jane@a.b.nhs.uk",
    ] {
        assert!(allowed(address, &nhs), "{address}");
    }
    for address in [
        "jane@evilnhs.uk",
        "jane@evil-nhs.uk",
        "jane@evilnhs.net",
        "jane@sub.nhs.net",
        "jane@nhs.net.evil.com",
        "jane@nhs.uk.com",
        "jane@uk.nhs",
    ] {
        assert!(!allowed(address, &nhs), "{address}");
    }
    assert!(allowed("jane@nhs.net", &[" @NHS.net "]));
    assert!(!allowed("jane@nhs.net", &[]));
    assert!(!allowed("jane@nhs.net", &["", "*.", "*", "*.net.", "net"]));
    assert!(allowed("jane@nhs.net", &["*.net"]));
}

proptest! {
    /// R96: never panics; what is accepted is plain ASCII that reads back the same.
    #[test]
    fn any_text_is_an_address_or_a_problem(text in prop_oneof![any::<String>(), "[a-zA-Z0-9.@+' é\u{430}-]{0,20}@[a-zé.-]{0,9}\\.[a-z]{1,3}"]) {
        if let Ok(address) = EmailAddress::parse(&text) {
            prop_assert!(address.as_str().is_ascii() && address.as_str().len() <= EmailAddress::MAX);
            prop_assert!(!address.as_str().contains(|c: char| c.is_control() || c.is_whitespace() || ",;<>\"()[]".contains(c)));
            let again = EmailAddress::parse(address.as_str());
            prop_assert_eq!(again.as_ref().map(EmailAddress::as_str), Ok(address.as_str()));
            let by_key = EmailAddress::parse(address.key());
            prop_assert_eq!(by_key.as_ref().map(EmailAddress::key), Ok(address.key()));
        }
    }

    /// R96: for the domains that are accepted, the ASCII form is the one that the standard (UTS 46) gives.
    #[test]
    fn domains_in_ascii_are_those_of_the_standard(label in "[a-zA-Z0-9À-žŵŷẁẃẅỳ]{1,12}") {
        let domain = format!("{label}.example");
        if let Ok(ours) = ascii_domain(&domain) {
            prop_assert_eq!(idna::domain_to_ascii_strict(&domain).ok(), Some(ours));
        }
    }
}
