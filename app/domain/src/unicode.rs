//! Normalisation forms (UAX #15) and letter case of Unicode. A browser has the tables already: there they are asked
//! for, so that its program does not bring 130 kB of its own. Where versions of Unicode differ, the
//! server decides.

#[cfg(not(target_arch = "wasm32"))]
mod tables {
    use unicode_normalization::UnicodeNormalization;

    pub use unicode_normalization::char::is_combining_mark;

    pub(super) fn lowercase(text: &str) -> String {
        text.to_lowercase()
    }

    pub(super) fn uppercase(text: &str) -> String {
        text.to_uppercase()
    }

    pub(super) fn nfc(text: &str) -> String {
        text.nfc().collect()
    }

    pub(super) fn nfkc(text: &str) -> String {
        text.nfkc().collect()
    }

    pub(super) fn nfkd(text: &str) -> String {
        text.nfkd().collect()
    }
}

#[cfg(target_arch = "wasm32")]
mod tables {
    use js_sys::{JsString, RegExp};

    thread_local! {
        static MARK: RegExp = RegExp::new(r"^\p{M}$", "u");
    }

    /// Whether a character joins the one before it (general category Mark).
    pub fn is_combining_mark(c: char) -> bool {
        c > '\u{2ff}' && MARK.with(|mark| mark.test(c.encode_utf8(&mut [0; 4])))
    }

    pub(super) fn lowercase(text: &str) -> String {
        JsString::from(text).to_lower_case().into()
    }

    pub(super) fn uppercase(text: &str) -> String {
        JsString::from(text).to_upper_case().into()
    }

    fn normalised(text: &str, form: &str) -> String {
        JsString::from(text).normalize(form).into()
    }

    pub(super) fn nfc(text: &str) -> String {
        normalised(text, "NFC")
    }

    pub(super) fn nfkc(text: &str) -> String {
        normalised(text, "NFKC")
    }

    pub(super) fn nfkd(text: &str) -> String {
        normalised(text, "NFKD")
    }
}

pub(crate) use tables::is_combining_mark;

/// In small letters, by the rules that are the same in every language.
pub fn lowercase(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    tables::lowercase(text)
}

/// In capital letters, by the rules that are the same in every language.
pub fn uppercase(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_uppercase();
    }
    tables::uppercase(text)
}

/// As it begins a sentence: "service area" becomes "Service area".
pub fn capitalised(text: &str) -> String {
    with_first(text, uppercase)
}

/// As it stands in a sentence: "Head of care" becomes "head of care".
pub fn uncapitalised(text: &str) -> String {
    with_first(text, lowercase)
}

fn with_first(text: &str, change: fn(&str) -> String) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        change(first.encode_utf8(&mut [0; 4])) + letters.as_str()
    })
}

/// Composed: one character where there is one.
pub fn nfc(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    tables::nfc(text)
}

/// Composed, and without differences of looks: full-width letters become plain ones.
pub(crate) fn nfkc(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    tables::nfkc(text)
}

/// Taken apart, and without differences of looks.
pub(crate) fn nfkd(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    tables::nfkd(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_those_of_the_standard() {
        assert_eq!(nfc("Sia\u{302}n"), "Si\u{e2}n");
        assert_eq!(nfkd("\u{e2}\u{ff21}"), "a\u{302}A");
        assert_eq!(nfkc("\u{ff4a}\u{ff41}"), "ja");
        assert_eq!(nfc("plain"), "plain");
        assert_eq!(lowercase("\u{c9}COLE"), "\u{e9}cole");
        assert_eq!(uppercase("stra\u{df}e"), "STRASSE");
        assert_eq!(capitalised("service area"), "Service area");
        assert_eq!(uncapitalised("\u{c9}tage"), "\u{e9}tage");
        assert_eq!(capitalised(""), "");
        assert!(is_combining_mark('\u{302}') && !is_combining_mark('a'));
    }
}
