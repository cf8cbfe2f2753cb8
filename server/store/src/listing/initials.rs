//! Which letters a member's words begin with, in one number.

/// One bit for each letter `a` to `z` and digit, and 26 shared by everything else.
pub(crate) fn initials<'a>(words: impl IntoIterator<Item = &'a str>) -> i64 {
    words
        .into_iter()
        .filter_map(bit)
        .fold(0, |all, bit| all | bit)
}

fn bit(word: &str) -> Option<i64> {
    let place = match word.chars().next()? {
        letter @ 'a'..='z' => u32::from(letter) - u32::from('a'),
        digit @ '0'..='9' => 26 + u32::from(digit) - u32::from('0'),
        other => 36 + u32::from(other) % 26,
    };
    Some(1 << place)
}

/// Whether a word is no more than what its bit says, so that nothing else need be looked at.
pub(crate) fn is_initial(word: &str) -> bool {
    matches!(word.as_bytes(), [b'a'..=b'z' | b'0'..=b'9'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_and_digit_has_a_bit_of_its_own() {
        let letters: Vec<String> = ('a'..='z').chain('0'..='9').map(String::from).collect();
        let all = initials(letters.iter().map(String::as_str));
        assert_eq!(all.count_ones(), 36);
        assert!(letters.iter().all(|letter| is_initial(letter)));
        for other in ["", "é", "ab", "_", "žofie", "李"] {
            assert!(!is_initial(other), "{other}");
        }
        assert_eq!(initials([""]), 0);
        assert_eq!(initials(["李", "+44"]) & all, 0);
        assert!(initials(["\u{10ffff}"]) > 0);
    }
}
