use proptest::prelude::*;

use super::*;

/// B04, ux 6.18: "Go to line 4" finds the text, in bytes and in the browser's units.
#[test]
fn problems_know_where_they_are() {
    let input = "jane@nhs.net\r\n\r\n  𝒳é nobody , sam@nhs.net\r\n• \u{200b}jane.smith@nhs \r\nZoë\tno address";
    let list = EmailList::parse(input);
    assert_eq!(
        list.recognised
            .iter()
            .map(|found| found.line)
            .collect::<Vec<_>>(),
        [1, 3]
    );
    let lines: Vec<_> = list.problems.iter().map(|problem| problem.line).collect();
    assert_eq!(lines, [3, 4, 5]);
    let units: Vec<u16> = input.encode_utf16().collect();
    for problem in &list.problems {
        assert_eq!(
            &input[problem.start as usize..problem.end as usize],
            problem.text
        );
        let selected = &units[problem.utf16_start as usize..problem.utf16_end as usize];
        assert_eq!(String::from_utf16(selected).unwrap(), problem.text);
    }
    assert_eq!(list.problems[0].text, "𝒳é nobody");
    assert_eq!(list.problems[2].text, "Zoë\tno address");
}

#[test]
fn a_line_is_what_the_browser_calls_one() {
    for (input, lines) in [
        ("a\nb\n\nc", [1, 2, 4]),
        ("a\r\nb\r\n\r\nc", [1, 2, 4]),
        ("a\rb\r\rc", [1, 2, 4]),
    ] {
        let found: Vec<_> = EmailList::parse(input)
            .problems
            .iter()
            .map(|problem| problem.line)
            .collect();
        assert_eq!(found, lines, "{input:?}");
    }
}

/// A huge paste is counted to its end, but only so much of it is read and kept.
#[test]
fn a_huge_paste_is_counted() {
    let most = EmailList::MAX_ENTRIES as usize;
    let list = EmailList::parse(&"x,".repeat(most + 7));
    assert_eq!((list.problems.len(), list.unread), (most, 7));
    assert_eq!(list.entered() as usize, most + 7);
    let long = "é".repeat(100_000);
    let list = EmailList::parse(&long);
    assert_eq!(list.problems[0].text.chars().count(), EmailList::MAX_TEXT);
    assert_eq!(list.problems[0].end as usize, long.len());
    assert_eq!(list.problems[0].utf16_end, 100_000);
}

/// Things that would take for ever if any of them were looked at more than a few times. There is nothing to
/// measure here: a mistake makes the test run for minutes.
#[test]
fn the_work_grows_with_the_text_only() {
    for piece in [
        "\"", "<", ">", "<<>", "\"<", "“a", "a ", " \t", "@", "a@ ", "1. ", "- ", ",", "(",
        "mailto:", "o ", ".",
    ] {
        for (before, after) in [
            ("", ""),
            ("\"", ""),
            ("a@b.cd <", ">"),
            ("", " a@b.cd"),
            ("a,", "\t@"),
            ("", "<a@b.cd>"),
            ("\"a@b ", "<c@d.ef>"),
        ] {
            let input = format!("{before}{}{after}", piece.repeat(40_000 / piece.len()));
            let list = EmailList::parse(&input);
            assert!(list.entered() <= 40_002);
        }
    }
    let domains: String = (0..5_000)
        .map(|n| format!("a@domain{n}.nhs.ent\n"))
        .collect::<Vec<_>>()
        .concat();
    assert_eq!(EmailList::parse(&domains).recognised.len(), 5_000);
}

#[test]
fn names_come_apart() {
    for (name, parts) in [
        ("Jane Carlton", Some(("Jane", "Carlton"))),
        ("Carlton, Jane", Some(("Jane", "Carlton"))),
        (
            "CARLTON, Jane (HOLLYBROOK HOSPITAL)",
            Some(("Jane", "CARLTON")),
        ),
        (
            "Anne-Marie van der Berg",
            Some(("Anne-Marie", "van der Berg")),
        ),
        ("Jane", None),
        ("www.evil.com Jane", None),
        ("Jane <b>", None),
    ] {
        let address = EmailAddress::parse("jane@nhs.net").unwrap();
        let found = Recognised {
            line: 1,
            address,
            name: Some(name.into()),
            suggestion: None,
        }
        .first_and_last();
        let found = found
            .as_ref()
            .map(|(first, last)| (first.as_str(), last.as_str()));
        assert_eq!(found, parts, "{name}");
    }
}

/// R97: the browser sends what was pasted, the server reads it again; nothing about a list depends on where.
#[test]
fn a_list_survives_the_wire() {
    let list = EmailList::parse("Jane <jane@nhs.ent>, nobody, JANE@nhs.ent");
    let json = serde_json::to_string(&list).unwrap();
    assert_eq!(serde_json::from_str::<EmailList>(&json).unwrap(), list);
}

fn check_invariants(input: &str, list: &EmailList) -> Result<(), TestCaseError> {
    let parts = list.recognised.len() + list.repeated.len() + list.problems.len();
    prop_assert_eq!(list.entered() as usize, parts);
    let mut keys = HashSet::new();
    for found in &list.recognised {
        prop_assert!(
            keys.insert(found.address.key().to_owned()),
            "recognised once"
        );
        let again = EmailAddress::parse(found.address.as_str());
        prop_assert_eq!(again.as_ref(), Ok(&found.address));
        if let Some(suggestion) = &found.suggestion {
            prop_assert!(EmailAddress::parse(suggestion).is_ok_and(|other| other != found.address));
        }
    }
    for found in &list.repeated {
        prop_assert!(
            keys.contains(found.address.key()),
            "repeated means recognised before"
        );
    }
    let units: Vec<u16> = input.encode_utf16().collect();
    let mut end = 0;
    for problem in &list.problems {
        prop_assert!(problem.start >= end && problem.end > problem.start);
        end = problem.end;
        let text = &input[problem.start as usize..problem.end as usize];
        prop_assert!(text.starts_with(&problem.text));
        let selected = &units[problem.utf16_start as usize..problem.utf16_end as usize];
        prop_assert_eq!(String::from_utf16_lossy(selected), text);
        if let Some(suggestion) = &problem.suggestion {
            prop_assert!(EmailAddress::parse(suggestion).is_ok(), "{:?}", suggestion);
        }
    }
    Ok(())
}

/// Text that looks like what people paste.
fn pasted() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        8 => "[a-zA-Z0-9_'.+-]{1,8}@[a-z0-9-]{1,6}\\.(net|uk|nhs\\.uk|ent|x)",
        2 => "[ ,;\t\n\r<>\"'()\\[\\]{}:.•@“”-]{1,3}",
        2 => "[a-zA-Zé’]{1,6}",
        1 => Just("mailto:".to_owned()),
        1 => Just("nhs,net".to_owned()),
        1 => any::<char>().prop_map(String::from),
    ];
    let separator = prop_oneof![
        "[ ,;\t\n]{0,2}",
        Just("\r\n".to_owned()),
        Just(String::new())
    ];
    prop::collection::vec((piece, separator), 0..24).prop_map(|pieces| {
        pieces
            .into_iter()
            .flat_map(|(piece, separator)| [piece, separator])
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// R97: never panics, counts what it returns.
    #[test]
    fn any_text_can_be_read(input in any::<String>()) {
        check_invariants(&input, &EmailList::parse(&input))?;
    }

    /// R97: the same for what people paste, with an organisation's domains.
    #[test]
    fn any_paste_can_be_read(input in pasted()) {
        let own = ["nhs.net".to_owned(), "*.nhs.uk".to_owned()];
        check_invariants(&input, &EmailList::parse_with(&input, &own))?;
    }

    /// R97: reading what was recognised gives the same again.
    #[test]
    fn reading_is_idempotent(input in pasted()) {
        let list = EmailList::parse(&input);
        let again = EmailList::parse(&list.to_text());
        prop_assert_eq!(&again.problems, &[]);
        prop_assert_eq!(&again.repeated, &[]);
        prop_assert_eq!(again.recognised.len(), list.recognised.len());
        for (before, after) in list.recognised.iter().zip(&again.recognised) {
            prop_assert_eq!(before.address.as_str(), after.address.as_str());
            prop_assert_eq!(&before.suggestion, &after.suggestion);
        }
        prop_assert_eq!(again.to_text(), list.to_text());
    }

    /// R97: whatever stands between them, each entry is counted once, and no good one is lost among bad ones.
    #[test]
    fn every_entry_is_counted_once(
        entries in prop::collection::vec(prop_oneof![
            "[a-z]{1,6}[0-9]{0,3}@(nhs\\.net|x\\.org)",
            "[A-Z][a-z]{1,6} <[a-z]{1,6}@nhs\\.net>",
            "\"[A-Z][a-z]{1,6}, [A-Z][a-z]{1,6}\" <[a-z]{1,6}@nhs\\.net>",
            "[a-z]{3,6}@@nhs\\.net",
            "[a-z]{3,6}@[a-z]{3,6}",
            "[b-n]{4,6}",
        ], 0..30),
        separator in prop_oneof![Just(";"), Just("; "), Just("\n"), Just("\r\n"), Just(" ;\n\n")],
    ) {
        let list = EmailList::parse(&entries.join(separator));
        prop_assert_eq!(list.entered() as usize, entries.len());
        let good = entries.iter().filter(|entry| entry.contains("@nhs.net") && !entry.contains("@@") || entry.contains("@x.org"));
        prop_assert_eq!(list.recognised.len() + list.repeated.len(), good.count());
    }
}
