//! Second factors: the kinds, and which of them are weak (R43, C11).

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

#[cfg(test)]
mod tests {
    use super::*;

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
