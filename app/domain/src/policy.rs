//! The policy pack: one per organisation, every key with a default (requirements, section 4).
//!
//! Stored as JSON and read whole. A key that is missing has its default, so a pack written by an older
//! version stays good; a key that is unknown is refused, so a misspelt one is never silently ignored.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::email::EmailAddress;
use crate::id::TermsId;
use crate::mobile::MobileRegion;
use crate::second_factor::SecondFactorKind;
use crate::status::ShownStatus;
use crate::violation::Violations;

mod choices;

pub use choices::*;

/// An organisation's settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// How long an invitation's link works: 1 to 336 hours.
    pub invitation_ttl_hours: u32,
    /// The same for an invitation with a privileged role: at most `invitation_ttl_hours`.
    pub privileged_invitation_ttl_hours: u32,
    /// Whether invited people are reminded on the third day and the day before the link ends.
    pub invitation_reminders: Switch,
    /// How soon an invitation may be sent again: 0 to 1440 minutes.
    pub resend_cooldown_minutes: u32,
    /// How often an invitation may be sent again in a day: 1 to 20.
    pub max_resends_a_day: u32,
    /// The most addresses in one bulk invitation: 1 to 50,000.
    pub bulk_invitation_limit: u32,
    /// The most bulk invitations sent in a day: 1 to 50,000.
    pub bulk_invitations_a_day: u32,
    pub credential_mode: CredentialMode,
    /// How long a generated password works: 1 to 168 hours.
    pub one_time_password_ttl_hours: u32,
    pub email_domains: EmailDomains,
    pub second_factor: SecondFactorRule,
    /// At least one, in the order in which they are offered.
    pub second_factor_methods: Vec<SecondFactorKind>,
    pub second_factor_exceptions: Switch,
    /// What a new person does, in order, before anything else is open to them.
    pub first_run_order: Vec<FirstRunStep>,
    pub terms: TermsChoice,
    pub mobile_at_registration: MobileAtRegistration,
    pub mobile_region: MobileRegion,
    pub name_charset: NameCharset,
    /// A field that is not here is hidden.
    pub fields: BTreeMap<Field, FieldRule>,
    /// The kinds of area that roles may be limited to; nothing for any kind.
    pub scope_kinds: Option<Vec<String>>,
    /// How many roles of the service one membership may hold; nothing for no limit.
    pub roles_per_member: Option<u32>,
    /// Seats by role key; a role that is not here has no limit.
    pub seat_limit: BTreeMap<String, u32>,
    /// How many people must always hold a role that manages users: 1 to 5.
    pub minimum_holders: u32,
    pub grant_effective: GrantEffective,
    pub shared_name_edit: SharedNameEdit,
    pub job_title_scope: JobTitleScope,
    pub managed_by: ManagedBy,
    pub directory: Switch,
    pub status_labels: StatusLabels,
    pub area_label: AreaLabel,
    /// 5 to 60 minutes.
    pub session_idle_minutes: u32,
    /// 1 to 24 hours.
    pub session_hours: u32,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            invitation_ttl_hours: 168,
            privileged_invitation_ttl_hours: 24,
            invitation_reminders: Switch::On,
            resend_cooldown_minutes: 2,
            max_resends_a_day: 10,
            bulk_invitation_limit: 10_000,
            bulk_invitations_a_day: 20_000,
            credential_mode: CredentialMode::Link,
            one_time_password_ttl_hours: 72,
            email_domains: EmailDomains::Any,
            second_factor: SecondFactorRule::Required,
            second_factor_methods: vec![
                SecondFactorKind::Passkey,
                SecondFactorKind::Authenticator,
                SecondFactorKind::Sms,
            ],
            second_factor_exceptions: Switch::Off,
            first_run_order: vec![
                FirstRunStep::Password,
                FirstRunStep::SecondFactor,
                FirstRunStep::Terms,
            ],
            terms: TermsChoice::Platform,
            mobile_at_registration: MobileAtRegistration::RequiredForSms,
            mobile_region: MobileRegion::Uk,
            name_charset: NameCharset::RealNames,
            fields: BTreeMap::from([
                (Field::FirstName, FieldRule::REQUIRED),
                (Field::LastName, FieldRule::REQUIRED),
                (Field::JobTitle, FieldRule::OPTIONAL),
                (Field::Notes, FieldRule::OPTIONAL),
            ]),
            scope_kinds: None,
            roles_per_member: None,
            seat_limit: BTreeMap::new(),
            minimum_holders: 1,
            grant_effective: GrantEffective::Immediate,
            shared_name_edit: SharedNameEdit::Allow,
            job_title_scope: JobTitleScope::Organisation,
            managed_by: ManagedBy::Administrators,
            directory: Switch::Off,
            status_labels: StatusLabels::default(),
            area_label: AreaLabel::default(),
            session_idle_minutes: 30,
            session_hours: 12,
        }
    }
}

impl Policy {
    /// Every key within its range. `policy.range` carries the lowest and the highest allowed value.
    pub fn validate(&self) -> Result<(), Violations> {
        let mut violations = Violations::new();
        for (key, value, low, high) in [
            ("invitation_ttl_hours", self.invitation_ttl_hours, 1, 336),
            (
                "privileged_invitation_ttl_hours",
                self.privileged_invitation_ttl_hours,
                1,
                self.invitation_ttl_hours,
            ),
            (
                "resend_cooldown_minutes",
                self.resend_cooldown_minutes,
                0,
                1440,
            ),
            ("max_resends_a_day", self.max_resends_a_day, 1, 20),
            (
                "bulk_invitation_limit",
                self.bulk_invitation_limit,
                1,
                50_000,
            ),
            (
                "bulk_invitations_a_day",
                self.bulk_invitations_a_day,
                1,
                50_000,
            ),
            (
                "one_time_password_ttl_hours",
                self.one_time_password_ttl_hours,
                1,
                168,
            ),
            (
                "roles_per_member",
                self.roles_per_member.unwrap_or(1),
                1,
                u32::MAX,
            ),
            (
                "seat_limit",
                self.seat_limit.values().copied().min().unwrap_or(1),
                1,
                u32::MAX,
            ),
            ("minimum_holders", self.minimum_holders, 1, 5),
            ("session_idle_minutes", self.session_idle_minutes, 5, 60),
            ("session_hours", self.session_hours, 1, 24),
        ] {
            if !(low..=high).contains(&value) {
                violations.add_with(key, "policy.range", vec![low.to_string(), high.to_string()]);
            }
        }
        if self.second_factor_methods.is_empty() {
            violations.add("second_factor_methods", "policy.empty");
        }
        if self.first_run_order.first() != Some(&FirstRunStep::Password) {
            violations.add("first_run_order", "policy.order");
        }
        if let EmailDomains::Only(rules) = &self.email_domains
            && (rules.is_empty() || !rules.iter().all(|rule| is_domain_rule(rule)))
        {
            violations.add("email_domains", "domain.format");
        }
        violations.into_result(())
    }

    /// How a field is used here.
    pub fn field(&self, field: Field) -> &FieldRule {
        static HIDDEN: FieldRule = FieldRule::HIDDEN;
        self.fields.get(&field).unwrap_or(&HIDDEN)
    }

    /// The word on a status tag.
    pub fn status_label(&self, status: ShownStatus) -> &str {
        self.status_labels.label(status)
    }

    /// How long an invitation's link works, in hours.
    pub fn ttl_hours(&self, privileged: bool) -> u32 {
        if privileged {
            self.privileged_invitation_ttl_hours
        } else {
            self.invitation_ttl_hours
        }
    }

    /// Whether a second factor is asked of someone, with or without a privileged role. Privileged roles need
    /// one whatever the organisation chose: that is the platform's floor (R48).
    pub fn second_factor_required(&self, privileged: bool) -> bool {
        privileged || self.second_factor == SecondFactorRule::Required
    }

    /// The second factors that someone may choose, in the organisation's order; texts and emails are never
    /// enough for a privileged role (R43).
    pub fn second_factor_choices(&self, privileged: bool) -> Vec<SecondFactorKind> {
        self.second_factor_methods
            .iter()
            .copied()
            .filter(|kind| !(privileged && kind.is_restricted()))
            .collect()
    }

    /// The shortest password: 12 characters where a second factor is required, otherwise 15 (R1).
    pub fn password_min(&self, privileged: bool) -> usize {
        if self.second_factor_required(privileged) {
            12
        } else {
            15
        }
    }

    /// Whether registration asks for a mobile number at all.
    pub fn asks_mobile(&self) -> bool {
        self.mobile_at_registration != MobileAtRegistration::RequiredForSms
            || self.second_factor_methods.contains(&SecondFactorKind::Sms)
    }

    /// Whether registration cannot go on without a mobile number. Where it is only needed for codes by text,
    /// the choice of texts asks for it.
    pub fn mobile_required(&self) -> bool {
        self.mobile_at_registration == MobileAtRegistration::Required
    }
}

/// What holds for somebody's account in all their organisations together: of each security key the strictest
/// (requirements, section 3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountRules {
    pub second_factor_required: bool,
    /// In the order of the first organisation. When organisations have no kind in common, the strong kinds of
    /// any of them.
    pub second_factor_methods: Vec<SecondFactorKind>,
    pub password_min: usize,
    pub session_idle_minutes: u32,
    pub session_hours: u32,
}

impl AccountRules {
    /// Of the policies of the organisations somebody belongs to, each with whether they have a privileged role
    /// there. Without any organisation the defaults hold.
    pub fn strictest<'a>(policies: impl IntoIterator<Item = (&'a Policy, bool)>) -> Self {
        let of = |policy: &Policy, privileged: bool| Self {
            second_factor_required: policy.second_factor_required(privileged),
            second_factor_methods: policy.second_factor_choices(privileged),
            password_min: policy.password_min(privileged),
            session_idle_minutes: policy.session_idle_minutes,
            session_hours: policy.session_hours,
        };
        policies
            .into_iter()
            .map(|(policy, privileged)| of(policy, privileged))
            .reduce(Self::and)
            .unwrap_or_else(|| of(&Policy::default(), false))
    }

    fn and(self, other: Self) -> Self {
        let both = |kind: &SecondFactorKind| other.second_factor_methods.contains(kind);
        let mut methods: Vec<SecondFactorKind> = self
            .second_factor_methods
            .iter()
            .copied()
            .filter(both)
            .collect();
        if methods.is_empty() {
            let either = self
                .second_factor_methods
                .iter()
                .chain(&other.second_factor_methods);
            methods = either
                .copied()
                .filter(|kind| !kind.is_restricted())
                .collect();
            methods.dedup();
        }
        Self {
            second_factor_required: self.second_factor_required || other.second_factor_required,
            second_factor_methods: methods,
            password_min: self.password_min.max(other.password_min),
            session_idle_minutes: self.session_idle_minutes.min(other.session_idle_minutes),
            session_hours: self.session_hours.min(other.session_hours),
        }
    }
}

/// Which email addresses may be invited. In JSON `"any"`, or the list of rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EmailDomains {
    Any,
    /// Rules as in [`EmailAddress::domain_allowed`].
    Only(Vec<String>),
}

impl EmailDomains {
    pub fn allows(&self, address: &EmailAddress) -> bool {
        match self {
            Self::Any => true,
            Self::Only(rules) => address.domain_allowed(rules),
        }
    }

    /// The rules, for hints and for guessing what a mistyped domain was meant to be.
    pub fn rules(&self) -> &[String] {
        match self {
            Self::Any => &[],
            Self::Only(rules) => rules,
        }
    }

    /// How an allowed address ends, as people are told: `nhs.uk` for `*.nhs.uk`.
    pub fn endings(&self) -> Vec<String> {
        let ending = |rule: &String| rule.trim_start_matches("*.").to_owned();
        self.rules().iter().map(ending).collect()
    }
}

/// `nhs.net` or `*.nhs.uk`.
fn is_domain_rule(rule: &str) -> bool {
    crate::email::ascii_domain(rule.strip_prefix("*.").unwrap_or(rule))
        .is_ok_and(|domain| rule.ends_with(&domain))
}

#[cfg(test)]
mod tests;
