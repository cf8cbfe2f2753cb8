//! Second factors: the kinds, and which of them are weak (R43, C11).

use std::fmt::Write;

use serde::{Deserialize, Serialize};

use crate::keyed::keyed_enum;

keyed_enum! {
    /// How a person proves the second step of signing in.
    pub enum SecondFactorKind {
        Authenticator = "authenticator",
        Sms = "sms",
        Email = "email",
        Passkey = "passkey",
    }
}

impl SecondFactorKind {
    /// The order of the page on which a person chooses (B3): what works without signal comes first.
    pub const CHOICES: &'static [Self] = &[Self::Authenticator, Self::Sms, Self::Email];

    /// A code that travels through someone else's network: never enough for a privileged role (R43).
    pub const fn is_restricted(self) -> bool {
        matches!(self, Self::Sms | Self::Email)
    }
}

/// What a page shows to set up an authenticator app (B4): the key to type, and the same as a QR code.
/// Not printable: whoever has the key has the codes.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthenticatorSetUp {
    /// Base32 in groups of 4, as people type it.
    pub key: String,
    /// The name under which the app shows the account.
    pub account: String,
    pub qr: QrCode,
}

/// A QR code as squares, dark or light; the page makes an SVG of it.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct QrCode {
    /// Squares on each side.
    pub size: u32,
    /// Row by row, `1` for dark and `0` for light.
    pub squares: String,
}

impl QrCode {
    /// The light border that readers need, in squares.
    pub const QUIET: u32 = 4;

    pub fn new(size: u32, is_dark: impl Fn(u32, u32) -> bool) -> Self {
        let squares = (0..size)
            .flat_map(|y| (0..size).map(move |x| (x, y)))
            .map(|(x, y)| if is_dark(x, y) { '1' } else { '0' })
            .collect();
        Self { size, squares }
    }

    /// The side of the picture, border included: its `viewBox` is `0 0 side side`.
    pub const fn side(&self) -> u32 {
        self.size + 2 * Self::QUIET
    }

    /// The dark squares as the `d` of one SVG path, a run of squares at a time.
    pub fn path(&self) -> String {
        let mut path = String::new();
        let width = self.size.max(1) as usize;
        for (y, row) in self.squares.as_bytes().chunks(width).enumerate() {
            let mut x = 0;
            while x < row.len() {
                let run = row[x..]
                    .iter()
                    .take_while(|square| **square == b'1')
                    .count();
                if run > 0 {
                    let (left, top) = (x + Self::QUIET as usize, y + Self::QUIET as usize);
                    // Writing to a String cannot fail.
                    let _ = write!(path, "M{left} {top}h{run}v1h-{run}z");
                }
                x += run.max(1);
            }
        }
        path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_qr_code_is_drawn_in_runs() {
        let code = QrCode::new(3, |x, y| y == 0 || x == 2);
        assert_eq!(code.squares, "111001001");
        assert_eq!(code.side(), 11);
        assert_eq!(code.path(), "M4 4h3v1h-3zM6 5h1v1h-1zM6 6h1v1h-1z");
        assert_eq!(QrCode::default().path(), "");
    }

    #[test]
    fn codes_by_text_and_email_are_restricted() {
        let restricted: Vec<_> = SecondFactorKind::ALL
            .iter()
            .filter(|kind| kind.is_restricted())
            .collect();
        assert_eq!(
            restricted,
            [&SecondFactorKind::Sms, &SecondFactorKind::Email]
        );
    }
}
