//! Passwords that anybody would try (R4): an embedded list, and what is a listed word in disguise.

use unicode_normalization::UnicodeNormalization;

/// Lower case, one on each line, sorted by bytes. See `common_passwords.md` for its origin.
static LIST: &str = include_str!("common_passwords.txt");
/// A listed word shorter than this is no reason to refuse a longer password around it.
const SHORTEST_CORE: usize = 4;
/// A password that only repeats a piece of up to this many characters is no password.
const LONGEST_PIECE: usize = 4;

/// Whether a password is on the list, or is a listed password with only digits and signs around
/// it, or repeats one, or repeats a short piece, or runs along the alphabet or the digits.
pub(super) fn is_common(password: &str) -> bool {
    let folded: String = password.trim().nfc().collect::<String>().to_lowercase();
    if listed(&folded) || repeats(&folded) || runs(&folded) {
        return true;
    }
    let core = folded.trim_matches(|c: char| !c.is_alphabetic());
    core.chars().count() >= SHORTEST_CORE && (listed(core) || repeats_listed(core))
}

/// Binary search over the lines of the list.
fn listed(word: &str) -> bool {
    let (mut low, mut high) = (0, LIST.len());
    while low < high {
        let middle = low + (high - low) / 2;
        let start = LIST.as_bytes()[..middle]
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |at| at + 1);
        let end = LIST.as_bytes()[start..]
            .iter()
            .position(|byte| *byte == b'\n')
            .map_or(LIST.len(), |at| start + at);
        match LIST.as_bytes()[start..end].cmp(word.as_bytes()) {
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Less => low = end + 1,
            std::cmp::Ordering::Greater => high = start,
        }
    }
    false
}

/// `abababab`, `111111111111`.
fn repeats(text: &str) -> bool {
    let characters: Vec<char> = text.chars().collect();
    (1..=LONGEST_PIECE.min(characters.len() / 2)).any(|length| {
        characters
            .iter()
            .zip(characters.iter().skip(length))
            .all(|(a, b)| a == b)
    })
}

/// `passwordpassword`.
fn repeats_listed(text: &str) -> bool {
    let characters: Vec<char> = text.chars().collect();
    (SHORTEST_CORE..=characters.len() / 2)
        .filter(|length| characters.len().is_multiple_of(*length))
        .any(|length| {
            characters
                .chunks(length)
                .all(|piece| piece == &characters[..length])
                && listed(&characters[..length].iter().collect::<String>())
        })
}

/// `abcdefghijkl`, `123456789012`, `098765432109`.
fn runs(text: &str) -> bool {
    let characters: Vec<char> = text.chars().collect();
    characters.len() > 1
        && [1, -1].into_iter().any(|step: i32| {
            characters.windows(2).all(|pair| {
                if let (Some(a), Some(b)) = (pair[0].to_digit(10), pair[1].to_digit(10)) {
                    (i64::from(a) + i64::from(step)).rem_euclid(10) == i64::from(b)
                } else {
                    i64::from(u32::from(pair[0])) + i64::from(step) == i64::from(u32::from(pair[1]))
                }
            })
        })
}

#[cfg(test)]
mod tests {
    use super::{LIST, is_common, listed};

    /// R4: at least 20,000 passwords, sorted as the search expects; every one of them is refused,
    /// in capitals and with spaces around it too.
    #[test]
    fn every_listed_password_is_refused() {
        let words: Vec<&str> = LIST.lines().collect();
        assert!(words.len() >= 20_000);
        assert!(words.is_sorted_by(|a, b| a.as_bytes() < b.as_bytes()));
        for word in words {
            assert!(listed(word), "{word}");
            assert!(is_common(&format!(" {} ", word.to_uppercase())) || !word.is_ascii());
        }
        assert!(!listed(""));
        assert!(!listed("!"));
        assert!(!listed("zzzzzzzzzzzzzzzzzzzzzzzz"));
    }

    /// R4: what anybody would make of a listed password to reach 12 characters.
    #[test]
    fn a_listed_password_in_disguise_is_refused() {
        for password in [
            "Password1234",
            "password2026!",
            "2026-Password",
            "passwordpassword",
            "PasswordPassword!",
            "letmein12345678",
            "111111111111",
            "abababababab",
            "123456789012",
            "098765432109",
            "abcdefghijkl",
        ] {
            assert!(is_common(password), "{password}");
        }
    }

    #[test]
    fn good_passwords_pass() {
        for password in [
            "harbour lantern quilt",
            "three random words",
            "Ulmer-Spatz-und-Donau",
            "x7#Lq2!vRm9$",
            "482915730264",
            "ваша-любимая-речка",
        ] {
            assert!(!is_common(password), "{password}");
        }
    }
}
