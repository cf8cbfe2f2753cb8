//! Codes that people type: 6 numbers from an app, a text or an email, and recovery codes (ux 6.23, 7.5, R45).

use std::fmt;

/// What is wrong with a typed code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeProblem {
    Empty,
    TooFew,
    TooMany,
    Characters,
}

impl CodeProblem {
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "code.empty",
            Self::TooFew => "code.too_few",
            Self::TooMany => "code.too_many",
            Self::Characters => "code.characters",
        }
    }
}

impl From<CodeProblem> for String {
    fn from(problem: CodeProblem) -> Self {
        problem.code().to_owned()
    }
}

/// 6 numbers. Not printable by accident: a code is a secret while it works.
#[derive(Clone, PartialEq, Eq)]
pub struct OneTimeCode(String);

impl OneTimeCode {
    pub const LENGTH: usize = 6;

    /// Reads a code with or without spaces and hyphens: `123456`, `123 456`, `123-456`.
    pub fn parse(text: &str) -> Result<Self, CodeProblem> {
        let mut digits = String::with_capacity(Self::LENGTH);
        let mut surplus = false;
        for c in text.chars().filter(|c| !is_separator(*c)) {
            if !c.is_ascii_digit() {
                return Err(CodeProblem::Characters);
            }
            if digits.len() < Self::LENGTH {
                digits.push(c);
            } else {
                surplus = true;
            }
        }
        match digits.len() {
            _ if surplus => Err(CodeProblem::TooMany),
            Self::LENGTH => Ok(Self(digits)),
            0 => Err(CodeProblem::Empty),
            _ => Err(CodeProblem::TooFew),
        }
    }

    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for OneTimeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OneTimeCode(..)")
    }
}

/// What is wrong with a typed recovery code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecoveryCodeProblem {
    Empty,
    Wrong,
}

impl RecoveryCodeProblem {
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "recovery.empty",
            Self::Wrong => "recovery.wrong",
        }
    }
}

impl From<RecoveryCodeProblem> for String {
    fn from(problem: RecoveryCodeProblem) -> Self {
        problem.code().to_owned()
    }
}

/// 80 bits as 16 letters and numbers, none of which can be taken for another: `7k3m-9x2p-…`.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryCode(String);

impl RecoveryCode {
    pub const LENGTH: usize = 16;
    const ALPHABET: &'static [u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

    /// The code of 10 random bytes.
    pub fn from_random(bytes: [u8; 10]) -> Self {
        let mut code = String::with_capacity(Self::LENGTH);
        for five in bytes.chunks_exact(5) {
            let bits = five
                .iter()
                .fold(0_u64, |bits, byte| (bits << 8) | u64::from(*byte));
            for shift in (0..8).rev() {
                code.push(char::from(
                    Self::ALPHABET[((bits >> (shift * 5)) & 31) as usize],
                ));
            }
        }
        Self(code)
    }

    /// Reads a code in either case, with or without spaces and hyphens; `o` is read as 0, `i` and `l` as 1.
    pub fn parse(text: &str) -> Result<Self, RecoveryCodeProblem> {
        let mut code = String::with_capacity(Self::LENGTH);
        for c in text.chars().filter(|c| !is_separator(*c)) {
            let c = match c.to_ascii_lowercase() {
                'o' => '0',
                'i' | 'l' => '1',
                other => other,
            };
            if code.len() == Self::LENGTH || !c.is_ascii() || !Self::ALPHABET.contains(&(c as u8)) {
                return Err(RecoveryCodeProblem::Wrong);
            }
            code.push(c);
        }
        match code.len() {
            0 => Err(RecoveryCodeProblem::Empty),
            Self::LENGTH => Ok(Self(code)),
            _ => Err(RecoveryCodeProblem::Wrong),
        }
    }

    /// The one spelling that is hashed and compared.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// In groups of 4, as people write it down.
    pub fn grouped(&self) -> String {
        [&self.0[..4], &self.0[4..8], &self.0[8..12], &self.0[12..]].join("-")
    }
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCode(..)")
    }
}

/// What people and their phones put between the numbers.
fn is_separator(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str) -> Option<&'static str> {
        OneTimeCode::parse(text).err().map(CodeProblem::code)
    }

    /// ux 6.23: spaces and hyphens are accepted; R36: every spelling is the same code.
    #[test]
    fn a_code_reads_with_spaces_and_hyphens() {
        for text in [
            "123456",
            " 123 456 ",
            "123-456",
            "1 2 3 4 5 6",
            "123\u{a0}456",
            "123\u{2013}456\u{200b}",
        ] {
            assert_eq!(
                OneTimeCode::parse(text).map(|code| code.expose().to_owned()),
                Ok("123456".into()),
                "{text:?}"
            );
        }
    }

    /// ux 7.5.
    #[test]
    fn each_wrong_code_has_its_reason() {
        for (text, code) in [
            ("", "code.empty"),
            (" - ", "code.empty"),
            ("12345", "code.too_few"),
            ("1234567", "code.too_many"),
            ("12345a", "code.characters"),
            ("1234567a", "code.characters"),
            ("١٢٣٤٥٦", "code.characters"),
            ("１２３４５６", "code.characters"),
            ("123.456", "code.characters"),
        ] {
            assert_eq!(problem(text), Some(code), "{text:?}");
        }
        assert_eq!(problem(&"9".repeat(1_000_000)), Some("code.too_many"));
    }

    #[test]
    fn codes_do_not_print() {
        let code = OneTimeCode::parse("123456").unwrap();
        assert!(!format!("{code:?}").contains('1'));
        let code = RecoveryCode::from_random([7; 10]);
        assert!(!format!("{code:?}").contains(code.expose()));
    }

    /// R45: 80 bits each, and typing mistakes that cannot matter do not.
    #[test]
    fn a_recovery_code_reads_back_as_people_type_it() {
        assert_eq!(
            RecoveryCode::from_random([0; 10]).expose(),
            "0000000000000000"
        );
        assert_eq!(
            RecoveryCode::from_random([255; 10]).expose(),
            "zzzzzzzzzzzzzzzz"
        );
        let code = RecoveryCode::from_random([0, 68, 50, 20, 199, 66, 84, 182, 53, 207]);
        assert_eq!(code.expose(), "0123456789abcdef");
        assert_eq!(code.grouped(), "0123-4567-89ab-cdef");
        for text in [
            "0123-4567-89ab-cdef",
            "0123456789ABCDEF",
            " oI23 4567 89ab cdef",
            "Ol23-4567-89AB-CDEF",
        ] {
            assert_eq!(RecoveryCode::parse(text), Ok(code.clone()), "{text:?}");
        }
        assert_eq!(
            RecoveryCode::parse(" - ").map_err(RecoveryCodeProblem::code),
            Err("recovery.empty")
        );
        for text in [
            "0123-4567",
            "0123-4567-89ab-cdeu",
            "0123-4567-89ab-cdef-0",
            "0123-4567-89ab-cdeé",
        ] {
            assert_eq!(
                RecoveryCode::parse(text).map_err(RecoveryCodeProblem::code),
                Err("recovery.wrong"),
                "{text:?}"
            );
        }
    }
}
