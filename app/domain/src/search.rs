//! Finding people by words (A19, J13, ux 6.9): every word that is typed must be the beginning of a word of the
//! person. Both sides are folded in the same way here, so that the database only compares beginnings.

use crate::email::EmailAddress;
use crate::unicode::{is_combining_mark, lowercase, nfkd};

/// More words than this say nothing more about a person.
const MAX_SEARCH_WORDS: usize = 10;
/// The longest text that is searched for, in characters.
pub const MAX_SEARCH_TEXT: usize = 254;

/// Text without case, accents, hyphens and apostrophes: "Siân O'Neill-Jones" becomes "sian oneilljones".
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text
            .chars()
            .filter(|c| !is_joiner(*c))
            .map(|c| c.to_ascii_lowercase())
            .collect();
    }
    let mut folded = String::with_capacity(text.len());
    for c in lowercase(&nfkd(text)).chars() {
        match c {
            c if is_combining_mark(c) || is_joiner(c) => {}
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'þ' => folded.push_str("th"),
            'ø' => folded.push('o'),
            'đ' | 'ð' => folded.push('d'),
            'ħ' => folded.push('h'),
            'ł' => folded.push('l'),
            'ı' => folded.push('i'),
            'ς' => folded.push('σ'),
            c => folded.push(c),
        }
    }
    folded
}

/// Hyphens and apostrophes, which nobody can be expected to type as they were registered, and what cannot be
/// seen.
fn is_joiner(c: char) -> bool {
    matches!(c,
        '-' | '\'' | '`' | '\u{b4}' | '\u{2bb}' | '\u{2bc}' | '\u{2010}'..='\u{2015}' | '\u{2018}' | '\u{2019}'
        | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

/// The words of what was typed. "carlton, jane", "jane.c@" and an address in angle brackets all work.
pub fn search_words(text: &str) -> Vec<String> {
    let text: String = text.chars().take(MAX_SEARCH_TEXT).collect();
    let separator =
        |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '@' | '<' | '>' | '(' | ')' | '"');
    let mut words: Vec<String> = text
        .split(separator)
        .map(joined)
        .filter(|word| !word.is_empty())
        .take(MAX_SEARCH_WORDS)
        .collect();
    words.sort_unstable();
    words.dedup();
    without_beginnings(words)
}

/// A word as it is compared: folded, and without dots, so that "jane.c", "janec" and "J.R." need no second
/// entry in the index.
fn joined(text: &str) -> String {
    let mut word = fold(text);
    word.retain(|c| c != '.');
    word
}

/// The words of a person, for the index: each name joined and in its parts, the part of the address before the
/// `@` joined and in its parts, and its domain. A word that is the beginning of another is left out, because
/// whoever types it finds the other.
pub fn index_words(first_name: &str, last_name: &str, email: &str) -> Vec<String> {
    let (local, domain) = email.split_once('@').unwrap_or((email, ""));
    let mut words = vec![joined(local), joined(domain)];
    words.extend(parts(local));
    for name in [first_name, last_name] {
        words.push(joined(&name.split_whitespace().collect::<String>()));
        for word in name.split_whitespace() {
            words.push(joined(word));
            words.extend(parts(word));
        }
    }
    words.retain(|word| !word.is_empty());
    words.sort_unstable();
    words.dedup();
    without_beginnings(words)
}

/// What stands between hyphens, apostrophes, dots, underscores and plus signs.
fn parts(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| is_joiner(c) || matches!(c, '.' | '_' | '+'))
        .map(fold)
}

/// Of sorted words, those that are not the beginning of another.
fn without_beginnings(words: Vec<String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::with_capacity(words.len());
    for word in words {
        // Whatever begins with a word comes right after it.
        if kept
            .last()
            .is_some_and(|last| word.starts_with(last.as_str()))
        {
            kept.pop();
        }
        kept.push(word);
    }
    kept
}

/// Whether a person with these index words is found by these search words.
pub fn matches(search: &[String], index: &[String]) -> bool {
    search
        .iter()
        .all(|typed| index.iter().any(|word| word.starts_with(typed.as_str())))
}

/// The key of the address that was typed, when it is one in full: it always finds its person.
pub fn exact_email(text: &str) -> Option<String> {
    EmailAddress::parse(text.trim().trim_matches(['<', '>']))
        .ok()
        .map(|address| address.key().to_owned())
}

/// How names are sorted: last name, first name, and the address for a person without a name.
pub fn sort_name(first_name: &str, last_name: &str, email: &str) -> String {
    let name = format!("{} {}", fold(last_name), fold(first_name));
    if name.trim().is_empty() {
        fold(email)
    } else {
        name.trim().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(text: &str, person: (&str, &str, &str)) -> bool {
        matches(
            &search_words(text),
            &index_words(person.0, person.1, person.2),
        )
    }

    const JANE: (&str, &str, &str) = ("Jane", "Carlton", "jane.carlton2@nhs.net");
    const NIAMH: (&str, &str, &str) = ("Niamh", "O'Neil", "niamh.o'neil@rosebush.nhs.uk");
    const JOSE: (&str, &str, &str) = ("José María", "Núñez-García", "jose-maria.nunez@nhs.net");
    const ANNE: (&str, &str, &str) = ("Anne-Marie", "van der Berg", "am.berg+rx1@nhs.net");
    const JR: (&str, &str, &str) = ("J.R.", "Müller", "jr_mueller@nhs.net");

    /// A19, J13, ux 6.9: any order, parts of words, accents, hyphens, apostrophes, addresses.
    #[test]
    fn every_word_may_be_the_beginning_of_any_word() {
        for (text, person) in [
            ("jane carlton", JANE),
            ("carlton jane", JANE),
            ("Carlton, Jane", JANE),
            ("CARLTON,JANE", JANE),
            ("Jane Carl", JANE),
            ("j c", JANE),
            ("jane.c", JANE),
            ("jane.c@", JANE),
            ("jane.c@nhs", JANE),
            ("@nhs.net", JANE),
            ("carlton2", JANE),
            ("janecarl", JANE),
            ("jane.carlton2@nhs.net", JANE),
            ("Jane.Carlton2@NHS.net", JANE),
            ("<jane.carlton2@nhs.net>", JANE),
            ("", JANE),
            (" , @ ", JANE),
            ("o'neil", NIAMH),
            ("o’neil", NIAMH),
            ("oneil", NIAMH),
            ("ONEI", NIAMH),
            ("neil niamh", NIAMH),
            ("niamh.o'neil@rosebush.nhs.uk", NIAMH),
            ("niamh.oneil@rosebush.nhs.uk", NIAMH),
            ("jose", JOSE),
            ("José", JOSE),
            ("jose\u{301}", JOSE),
            ("maria nunez", JOSE),
            ("nunez-garcia", JOSE),
            ("nunezgarcia", JOSE),
            ("núñez garcía", JOSE),
            ("garcia", JOSE),
            ("jose-maria.nunez@nhs.net", JOSE),
            ("josemaria", JOSE),
            ("anne marie", ANNE),
            ("anne-marie", ANNE),
            ("annemarie", ANNE),
            ("marie berg", ANNE),
            ("vanderb", ANNE),
            ("van der berg", ANNE),
            ("rx1", ANNE),
            ("am.berg+rx1@nhs.net", ANNE),
            ("j.r.", JR),
            ("j.r", JR),
            ("jr muller", JR),
            ("mueller", JR),
            ("jr_m", JR),
        ] {
            assert!(
                found(text, person),
                "{text:?} must find {person:?}: {:?}",
                search_words(text)
            );
        }
    }

    #[test]
    fn a_word_that_begins_nothing_finds_nobody() {
        for (text, person) in [
            ("arlton", JANE),
            ("jane smith", JANE),
            ("jane.d", JANE),
            ("jane@nhs.uk", JANE),
            ("net", JANE),
            ("eil", NIAMH),
            ("josé maría x", JOSE),
            ("berg anna", ANNE),
        ] {
            assert!(!found(text, person), "{text:?} must not find {person:?}");
        }
    }

    #[test]
    fn the_index_has_no_word_twice_and_no_beginnings() {
        assert_eq!(
            index_words(JANE.0, JANE.1, JANE.2),
            ["carlton2", "janecarlton2", "nhsnet"]
        );
        assert_eq!(index_words("", "", "sam@nhs.net"), ["nhsnet", "sam"]);
        assert_eq!(search_words("jan jane ja"), ["jane"]);
        assert_eq!(search_words(&"a ".repeat(1000)), ["a"]);
    }

    #[test]
    fn exact_addresses_are_recognised() {
        assert_eq!(
            exact_email(" <Jane@NHS.net> ").as_deref(),
            Some("jane@nhs.net")
        );
        assert_eq!(exact_email("jane@nhs"), None);
    }

    #[test]
    fn names_sort_by_last_name_without_accents() {
        assert_eq!(sort_name("Jane", "Carlton", "x@nhs.net"), "carlton jane");
        assert_eq!(sort_name("", "", "Sam.O'Neil@nhs.net"), "sam.oneil@nhs.net");
        assert_eq!(sort_name("Øyvind", "Łuk", ""), "luk oyvind");
    }

    proptest! {
        /// A19: a person is found by each of their names, in either order, cut anywhere.
        #[test]
        fn people_are_found_by_beginnings_of_their_names(
            first in "[A-Za-zÀ-ž][a-zà-ž'’-]{0,11}", last in "[A-Za-zÀ-ž][a-zà-ž'’-]{0,11}", cut in 1_usize..12,
        ) {
            let index = index_words(&first, &last, "someone@example.org");
            let short: String = last.chars().take(cut).collect();
            for text in [format!("{first} {last}"), format!("{last}, {first}"), format!("{short} {first}")] {
                prop_assert!(matches(&search_words(&text), &index), "{} in {:?}", text, index);
            }
        }

        /// Never panics, and folding is done once and for all.
        #[test]
        fn any_text_can_be_searched_for(text in any::<String>()) {
            let words = search_words(&text);
            prop_assert!(words.len() <= MAX_SEARCH_WORDS);
            let index = index_words(&text, &text, &text);
            prop_assert!(index.iter().all(|word| !word.is_empty()));
        }
    }
}
