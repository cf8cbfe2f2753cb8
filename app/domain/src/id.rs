//! Ids: a `UUIDv7` made in the service, written `<prefix>-<32 hex>` wherever people or other programs see it.
//!
//! The prefix says what the id names and keeps an id from ever equalling a word of a URL (`add`, `invite`).
//! Reading is strict, so that one id has one spelling: anything else is "not found".

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use uuid::Uuid;

/// The text is not an id of the wanted kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAnId;

impl fmt::Display for NotAnId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an id of this kind")
    }
}

impl std::error::Error for NotAnId {}

fn parse_prefixed(text: &str, prefix: &str) -> Result<Uuid, NotAnId> {
    let hex = text
        .strip_prefix(prefix)
        .and_then(|rest| rest.strip_prefix('-'))
        .ok_or(NotAnId)?;
    if hex.len() != 32
        || !hex
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    {
        return Err(NotAnId);
    }
    Uuid::try_parse(hex).map_err(|_| NotAnId)
}

macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident = $prefix:literal),+ $(,)?) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// The letter in front of the hyphen.
            pub const PREFIX: &'static str = $prefix;

            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}-{}", $prefix, self.0.simple())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            fn from_str(text: &str) -> Result<Self, NotAnId> {
                parse_prefixed(text, $prefix).map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
            }
        }
    )+

        #[cfg(test)]
        const PREFIXES: &[&str] = &[$($prefix),+];
    };
}

ids! {
    /// A tenant.
    OrganisationId = "o",
    /// A person's single account.
    UserId = "u",
    /// A user in an organisation.
    MembershipId = "m",
    /// A part of an organisation.
    AreaId = "a",
    /// A system that people are given access to.
    ServiceId = "s",
    /// What a role lets a person do in a service.
    TaskId = "t",
    /// A named set of tasks and permissions.
    RoleId = "r",
    /// A role held by a membership, somewhere.
    AssignmentId = "g",
    /// An offer of a membership.
    InvitationId = "i",
    /// One bulk send and its outcome.
    BatchId = "b",
    /// One address of a batch.
    EntryId = "e",
    /// The surrogate name of a session, never its secret.
    SessionId = "n",
    /// A journey in progress, or a form that was turned back.
    DraftId = "d",
    /// A version of a terms document.
    TermsId = "k",
    /// An authenticator app, a mobile number, an email address or a passkey used as second step.
    SecondFactorId = "f",
    /// One question for a code.
    ChallengeId = "c",
    /// A queued mail or text.
    MessageId = "x",
    /// An audit event.
    AuditEventId = "v",
    /// A change of a membership that can be taken back.
    ChangeId = "h",
    /// A change of many members at once.
    BulkJobId = "j",
    /// An unexpected error, as shown to the person and written in the log.
    IncidentId = "q",
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "0192f0c1a2b37c4d8e5f60718293a4b5";

    #[test]
    fn an_id_reads_back_what_it_wrote() {
        let id: UserId = format!("u-{HEX}").parse().unwrap();
        assert_eq!(id.to_string(), format!("u-{HEX}"));
        assert_eq!(UserId::from_uuid(id.uuid()), id);
        assert_eq!(format!("{id:?}"), format!("u-{HEX}"));
        let json = serde_json::to_string(&id).unwrap();
        assert_eq!(json, format!("\"u-{HEX}\""));
        assert_eq!(serde_json::from_str::<UserId>(&json).unwrap(), id);
    }

    #[test]
    fn an_id_has_one_spelling() {
        let hyphenated = "u-0192f0c1-a2b3-7c4d-8e5f-60718293a4b5";
        for wrong in [
            "",
            "u",
            "u-",
            "add",
            HEX,
            hyphenated,
            &format!("m-{HEX}"),
            &format!("U-{HEX}"),
            &format!("u-{}", HEX.to_uppercase()),
            &format!("u-{HEX}0"),
            &format!("u-{}", &HEX[1..]),
            &format!(" u-{HEX}"),
            &format!("u-{{{}}}", &HEX[2..]),
            &format!("u-{}é", &HEX[2..]),
        ] {
            assert_eq!(wrong.parse::<UserId>(), Err(NotAnId), "{wrong:?}");
        }
    }

    #[test]
    fn prefixes_are_different() {
        let mut sorted = PREFIXES.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), PREFIXES.len());
    }
}
