//! Who is who: read from a text for each organisation.

use domain::{MembershipStatus, search::fold};
use store::UserRow;

use crate::{Error, Result, presets::Preset};

/// The people of an organisation.
pub(super) struct Cast {
    pub(super) code: &'static str,
    pub(super) name: &'static str,
    pub(super) preset: Preset,
    pub(super) domain: &'static str,
    text: &'static str,
}

/// At least one organisation for each preset.
pub(super) static CASTS: [Cast; 4] = [
    Cast {
        code: "RX1",
        name: "Hollybrook Hospital",
        preset: Preset::SelfRegistration,
        domain: "hollybrook.example",
        text: include_str!("hollybrook.txt"),
    },
    Cast {
        code: "RX2",
        name: "Rosebush Hospital",
        preset: Preset::SelfRegistration,
        domain: "rosebush.example",
        text: include_str!("rosebush.txt"),
    },
    Cast {
        code: "RJ1",
        name: "Larchwood Health Trust",
        preset: Preset::NhsJobs,
        domain: "larchwood.example",
        text: include_str!("larchwood.txt"),
    },
    Cast {
        code: "FGP",
        name: "Greenwood Pharmacy Group",
        preset: Preset::Ravs,
        domain: "greenwood.example",
        text: include_str!("greenwood.txt"),
    },
];

pub(super) struct Person {
    /// Empty for somebody who was invited by address alone.
    pub(super) first_name: String,
    pub(super) last_name: String,
    pub(super) email: String,
    pub(super) job_title: String,
    /// Key of the role.
    pub(super) role: String,
    /// Names of areas; none: the whole organisation.
    pub(super) areas: Vec<String>,
    pub(super) status: Status,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Active,
    Pending,
    Expired,
    Inactive,
    EmailFailed,
    Cancelled,
}

impl Status {
    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "active" => Self::Active,
            "pending" => Self::Pending,
            "expired" => Self::Expired,
            "inactive" => Self::Inactive,
            "email-failed" => Self::EmailFailed,
            "cancelled" => Self::Cancelled,
            _ => return None,
        })
    }

    pub(super) const fn has_registered(self) -> bool {
        matches!(self, Self::Active | Self::Inactive)
    }

    /// Whether somebody with this status holds a place of a limited role (requirements, section 3).
    pub(super) const fn holds_seat(self) -> bool {
        matches!(self, Self::Active | Self::Pending | Self::EmailFailed)
    }

    pub(super) const fn stored(self) -> MembershipStatus {
        match self {
            Self::Active => MembershipStatus::Active,
            Self::Inactive => MembershipStatus::Inactive,
            Self::Pending | Self::Expired | Self::EmailFailed => MembershipStatus::Pending,
            Self::Cancelled => MembershipStatus::Cancelled,
        }
    }
}

impl Cast {
    /// The areas, each with those inside it: `Medicine: Ward 3, Ward 4`.
    pub(super) fn areas(&self) -> Vec<(&'static str, Vec<&'static str>)> {
        let lines = self.text.lines().filter(|line| !line.contains('|'));
        lines
            .filter_map(|line| line.split_once(": "))
            .map(|(outer, inner)| (outer, inner.split(", ").collect()))
            .collect()
    }

    /// The people: `first name | last name | job | role | areas | status`, with `-` for nothing.
    /// Whoever is in an earlier organisation too has its domain in a seventh column.
    pub(super) fn people(&self) -> Result<Vec<Person>> {
        let lines = self.text.lines().filter(|line| line.contains('|'));
        (0..)
            .zip(lines)
            .map(|(number, line)| {
                self.person(number, line)
                    .ok_or_else(|| Error::Fault(format!("demo: {line}")))
            })
            .collect()
    }

    fn person(&self, number: u32, line: &str) -> Option<Person> {
        let mut cells = line.split(" | ").map(|cell| match cell.trim() {
            "-" => "",
            cell => cell,
        });
        let mut next = || cells.next().map(ToOwned::to_owned);
        let (first_name, last_name) = (next()?, next()?);
        let (job_title, role, areas, status) = (next()?, next()?, next()?, next()?);
        let domain = next().unwrap_or_else(|| self.domain.to_owned());
        Some(Person {
            email: address(&first_name, &last_name, number, &domain),
            first_name,
            last_name,
            job_title,
            role,
            areas: match areas.as_str() {
                "" => Vec::new(),
                areas => areas.split(", ").map(ToOwned::to_owned).collect(),
            },
            status: Status::parse(&status)?,
        })
    }
}

impl Person {
    /// Whether this is somebody who is known already.
    pub(super) fn is(&self, user: &UserRow) -> bool {
        user.email == self.email
    }
}

/// `first.last@…`, without accents; `new.starter7@…` for somebody without a name.
fn address(first_name: &str, last_name: &str, number: u32, domain: &str) -> String {
    if last_name.is_empty() {
        return format!("new.starter{number}@{domain}");
    }
    let plain = |name: &str| -> String {
        let name = fold(name);
        name.chars().filter(char::is_ascii_alphanumeric).collect()
    };
    format!("{}.{}@{domain}", plain(first_name), plain(last_name))
}
