//! Adding one person (ux D3): the address first, because it tells who that is, then what is true of that
//! address, details, role, areas, dates, and everything once more before it is sent.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::area::{AreaSelection, AreasQuestion};
use crate::email::EmailAddress;
use crate::email_list::{EmailList, Recognised};
use crate::id::{AssignmentId, RoleId, UserId};
use crate::keyed::keyed_enum;
use crate::letter::Letter;
use crate::membership::{DatesForm, DetailsForm, DetailsRules};
use crate::role::RoleSummary;
use crate::violation::Violations;

keyed_enum! {
    /// The pages, in order.
    pub enum AddStep {
        Email = "email",
        /// The address looks mistyped, or like a variant of one that is known.
        Address = "check-email",
        /// Somebody has this address already, here or elsewhere.
        ExistingPerson = "existing-person",
        Details = "details",
        Role = "role",
        Areas = "areas",
        /// Never asked; chosen on the page of answers.
        Dates = "dates",
        Check = "check",
        Done = "done",
    }
}

/// Whose address is it? (J19)
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddEmailForm {
    pub email: String,
}

impl AddEmailForm {
    /// The one address, with the name beside it where there is one: `Jane Carlton <jane@nhs.net>` is how it
    /// comes out of Outlook. Codes: `email.empty`, `email.format`, `email.too_long`.
    pub fn validate(&self) -> Result<Recognised, Violations> {
        let text = self.email.trim();
        let too_long = text.len() > EmailList::MAX_TEXT * 4;
        let mut list = EmailList::parse(if too_long { "" } else { text });
        if list.entered() == 1
            && let Some(one) = list.recognised.pop()
        {
            return Ok(one);
        }
        let code = match list.problems.first() {
            _ if text.is_empty() => "email.empty",
            _ if too_long => "email.too_long",
            Some(problem) if list.entered() == 1 => problem.reason.code(),
            _ => "email.format",
        };
        Err(Violations::one("email", code))
    }
}

keyed_enum! {
    /// What to do about an address that is doubtful.
    pub enum AddressChoice {
        /// Use the one that was probably meant.
        Use = "use",
        Keep = "keep",
    }
}

/// Is this address correct?
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressChoiceForm {
    pub choice: String,
}

impl AddressChoiceForm {
    /// Code: `address.empty`.
    pub fn validate(&self) -> Result<AddressChoice, Violations> {
        AddressChoice::parse(&self.choice).ok_or_else(|| Violations::one("choice", "address.empty"))
    }
}

/// A role that the person is to have: which, where, when.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RoleAnswer {
    pub role: Option<RoleId>,
    pub areas: Option<AreaSelection>,
    pub dates: DatesForm,
}

/// The answers so far, as the draft keeps them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AddDraft {
    /// Exactly as typed.
    pub email: String,
    /// Whether a doubtful address is meant as it is.
    pub address_kept: bool,
    /// Whether it was said that this is the right person (J21).
    pub confirmed: bool,
    /// As typed, once the page was answered.
    pub details: Option<DetailsForm>,
    pub roles: Vec<RoleAnswer>,
    /// No role yet: it is given later (C20).
    pub without_role: bool,
    /// Who was added; nothing before.
    pub added: Option<UserId>,
}

/// What the database says about a draft, for finding its next page.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AddFacts {
    /// The address looks mistyped, or like a variant.
    pub doubtful: bool,
    /// The person has an account elsewhere, and is to be recognised first.
    pub known_elsewhere: bool,
    /// The person is here already, or comes from somewhere else: nothing goes on from there.
    pub stands_in_the_way: bool,
    /// Something about the person has to be answered.
    pub asks_details: bool,
    /// For each role of the draft, whether it asks where it holds.
    pub asks_areas: Vec<bool>,
}

impl AddDraft {
    /// The address, once there is one.
    pub fn address(&self) -> Option<EmailAddress> {
        Some(self.recognised()?.address)
    }

    /// The address with the name that stood beside it.
    pub fn recognised(&self) -> Option<Recognised> {
        let form = AddEmailForm {
            email: self.email.clone(),
        };
        form.validate().ok()
    }

    /// Another address: what was said about the old one no longer counts. What was typed about the person stays.
    pub fn set_email(&mut self, email: String) {
        if self.email != email {
            self.email = email;
            self.address_kept = false;
            self.confirmed = false;
        }
    }

    /// The role at a place, counted from 1; a new one right after the last.
    pub fn role_at(&mut self, number: usize) -> Option<&mut RoleAnswer> {
        let index = number.checked_sub(1)?;
        if index == self.roles.len() {
            self.roles.push(RoleAnswer::default());
        }
        self.roles.get_mut(index)
    }

    /// The first page that still has to be answered, and the role that it asks about.
    pub fn next_step(&self, facts: &AddFacts) -> (AddStep, usize) {
        if self.added.is_some() {
            return (AddStep::Done, 1);
        }
        if self.email.trim().is_empty() {
            return (AddStep::Email, 1);
        }
        if facts.stands_in_the_way || facts.known_elsewhere && !self.confirmed {
            return (AddStep::ExistingPerson, 1);
        }
        if facts.doubtful && !self.address_kept {
            return (AddStep::Address, 1);
        }
        if facts.asks_details && self.details.is_none() {
            return (AddStep::Details, 1);
        }
        if self.roles.is_empty() && !self.without_role {
            return (AddStep::Role, 1);
        }
        for (index, answer) in self.roles.iter().enumerate() {
            let asks_areas = facts.asks_areas.get(index).copied().unwrap_or_default();
            if answer.role.is_none() {
                return (AddStep::Role, index + 1);
            }
            if asks_areas && answer.areas.is_none() {
                return (AddStep::Areas, index + 1);
            }
        }
        (AddStep::Check, 1)
    }

    /// The answers for "Add another person": the same roles, nothing else (J32).
    #[must_use]
    pub fn another(&self) -> Self {
        Self {
            roles: self.roles.clone(),
            without_role: self.without_role,
            ..Self::default()
        }
    }
}

/// The page of the address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddEmailView {
    pub email: String,
    /// The domains that the organisation allows; none: any.
    pub domains: Vec<String>,
    /// Whether everything else is answered, so that the way back is the page of answers.
    pub from_check: bool,
}

/// The page of a doubtful address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressView {
    pub email: String,
    /// What was probably meant.
    pub instead: String,
    /// It is a variant (`name+place@`) of an address that is known, not a slip (V16).
    pub variant: bool,
}

/// Who has the address already.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ExistingPerson {
    /// Somebody with an account, who is not here (J21): no more than is needed to recognise them.
    Elsewhere {
        email: String,
        name: String,
        /// Where job titles are shared; otherwise empty.
        job_title: String,
    },
    /// Active here.
    Member(KnownHere),
    /// Invited here.
    Invited {
        person: KnownHere,
        #[serde(with = "chrono::serde::ts_microseconds_option")]
        at: Option<DateTime<Utc>>,
        expired: bool,
    },
    /// Deactivated here.
    Inactive {
        person: KnownHere,
        #[serde(with = "chrono::serde::ts_microseconds_option")]
        at: Option<DateTime<Utc>>,
    },
    /// People of this organisation come from somewhere else, and are not made by hand (A03).
    Managed { email: String },
}

/// Somebody of this organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownHere {
    pub email: String,
    /// The address while there is no name.
    pub name: String,
    pub roles: Vec<String>,
    /// Their page, for whoever may see it.
    pub user: Option<UserId>,
    /// Whether the actor may do what is usually wanted: give a role, send again, reactivate.
    pub may_act: bool,
    /// The role to change, where one more cannot be added (C7).
    pub change: Option<AssignmentId>,
}

/// The page of the details.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddDetailsView {
    pub email: String,
    pub rules: DetailsRules,
    pub details: DetailsForm,
    pub back: AddStep,
}

/// The page of a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddRoleView {
    /// Counted from 1.
    pub number: u32,
    pub roles: Vec<RoleSummary>,
    pub chosen: Option<RoleId>,
    /// Whether a person may be added without a role (C20).
    pub may_skip: bool,
    pub back: AddStep,
}

/// The page of the areas of a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddAreasView {
    pub number: u32,
    pub role: String,
    pub question: AreasQuestion,
}

/// The page of the dates of a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddDatesView {
    pub number: u32,
    pub role: String,
    pub dates: DatesForm,
}

/// A role on the page of answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckedRole {
    pub number: u32,
    pub role: RoleSummary,
    /// Labels; empty for the whole organisation.
    pub areas: Vec<String>,
    pub asks_areas: bool,
    /// "From 3 January 2027"; empty without dates.
    pub period: String,
}

/// The page of answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddCheck {
    /// Posted back: what is sent is what was shown.
    pub version: i64,
    pub email: String,
    /// Empty while it is not known.
    pub name: String,
    /// Has an account, so signs in and accepts instead of registering (R23).
    pub has_account: bool,
    pub rules: DetailsRules,
    pub details: DetailsForm,
    pub roles: Vec<CheckedRole>,
    /// Whether one more role can be added (C7).
    pub more_roles: bool,
    pub organisation_name: String,
    pub area_label: String,
    #[serde(with = "chrono::serde::ts_microseconds")]
    pub expires_at: DateTime<Utc>,
    pub letter: Letter,
}

/// The end: what was sent to whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddDone {
    pub user: UserId,
    /// The address while there is no name.
    pub name: String,
    pub email: String,
    pub has_account: bool,
    pub organisation_name: String,
    #[serde(with = "chrono::serde::ts_microseconds_option")]
    pub expires_at: Option<DateTime<Utc>>,
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn role(n: u128) -> RoleAnswer {
        RoleAnswer {
            role: Some(RoleId::from_uuid(Uuid::from_u128(n))),
            ..RoleAnswer::default()
        }
    }

    /// J19, J20, J24: the address first, then what is true of it, details, roles, areas.
    #[test]
    fn each_page_comes_when_its_turn_has_come() {
        let mut draft = AddDraft::default();
        let mut facts = AddFacts {
            doubtful: true,
            known_elsewhere: true,
            asks_details: true,
            ..AddFacts::default()
        };
        assert_eq!(draft.next_step(&facts), (AddStep::Email, 1));
        draft.set_email("jane@nhs.net".into());
        assert_eq!(draft.next_step(&facts), (AddStep::ExistingPerson, 1));
        draft.confirmed = true;
        assert_eq!(draft.next_step(&facts), (AddStep::Address, 1));
        draft.address_kept = true;
        assert_eq!(draft.next_step(&facts), (AddStep::Details, 1));
        draft.details = Some(DetailsForm::default());
        assert_eq!(draft.next_step(&facts), (AddStep::Role, 1));
        draft.roles = vec![role(1), role(2)];
        assert_eq!(draft.next_step(&facts), (AddStep::Check, 1));
        facts.asks_areas = vec![false, true];
        assert_eq!(draft.next_step(&facts), (AddStep::Areas, 2));
        draft.roles[1].areas = Some(AreaSelection::Whole);
        assert_eq!(draft.next_step(&facts), (AddStep::Check, 1));
        facts.stands_in_the_way = true;
        assert_eq!(draft.next_step(&facts), (AddStep::ExistingPerson, 1));
        draft.added = Some(UserId::from_uuid(Uuid::from_u128(9)));
        assert_eq!(draft.next_step(&facts), (AddStep::Done, 1));
    }

    /// J29: another address is asked about anew, and nothing else is asked twice.
    #[test]
    fn another_address_keeps_what_was_typed() {
        let mut draft = AddDraft {
            email: "jane@nhs.ent".into(),
            address_kept: true,
            confirmed: true,
            details: Some(DetailsForm::default()),
            roles: vec![role(1)],
            ..AddDraft::default()
        };
        draft.set_email("jane@nhs.ent".into());
        assert!(draft.address_kept);
        draft.set_email("jane@nhs.net".into());
        assert!(!draft.address_kept && !draft.confirmed);
        assert!(draft.details.is_some() && draft.roles.len() == 1);
        // J32.
        assert_eq!(draft.another().roles, draft.roles);
        assert_eq!(draft.another().email, "");
    }

    /// J19: one address is asked for with the words for one address.
    #[test]
    fn one_person_is_one_address() {
        let code = |text: &str| {
            let form = AddEmailForm { email: text.into() };
            let result = form.validate().map(|one| one.address.as_str().to_owned());
            result.map_err(|violations| violations.0[0].code.clone())
        };
        assert_eq!(code(" Jane <jane@nhs.net> "), Ok("jane@nhs.net".into()));
        assert_eq!(code(" "), Err("email.empty".into()));
        assert_eq!(code("jane@nhs"), Err("email.format".into()));
        assert_eq!(
            code("jane@nhs.net, sam@nhs.net"),
            Err("email.format".into())
        );
        assert_eq!(code("jane, sam@nhs"), Err("email.format".into()));
        assert_eq!(code(&"x".repeat(3_000)), Err("email.too_long".into()));
    }

    #[test]
    fn a_role_is_added_only_right_after_the_last() {
        let mut draft = AddDraft::default();
        assert!(draft.role_at(0).is_none());
        assert!(draft.role_at(2).is_none());
        draft.role_at(1).unwrap().role = role(1).role;
        assert!(draft.role_at(2).is_some());
        assert_eq!(draft.roles.len(), 2);
    }
}
