//! Presets: named starting sets for an organisation, each with a service, its tasks and roles, and
//! a policy pack (requirements, section 4). Data only; what is made of it is in `organisations.rs`.
//! They live beside the use cases, so that commands, the set-up page, the demo and tests share them.

mod nhs_jobs;
mod ravs;
mod self_registration;
#[cfg(test)]
mod tests;

use domain::{Permission, Policy, TermsId};

/// A named starting set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// Areas invite their people, who register by themselves (B01 to B22).
    SelfRegistration,
    /// Recruitment, with 7 super users at the most (J01 to J52).
    NhsJobs,
    /// Vaccinations, for people with an NHS-approved address (V01 to V27).
    Ravs,
}

impl Preset {
    /// Every preset.
    pub const ALL: &'static [Self] = &[Self::SelfRegistration, Self::NhsJobs, Self::Ravs];

    /// The key on the command line and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SelfRegistration => "self-registration",
            Self::NhsJobs => "nhs-jobs",
            Self::Ravs => "ravs",
        }
    }

    /// The preset with exactly this key.
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|preset| preset.as_str() == key)
    }

    /// What an organisation of this preset starts with.
    pub fn service(self) -> &'static PresetService {
        match self {
            Self::SelfRegistration => &self_registration::SERVICE,
            Self::NhsJobs => &nhs_jobs::SERVICE,
            Self::Ravs => &ravs::SERVICE,
        }
    }

    /// The terms that people of such an organisation agree to.
    pub const fn terms_key(self) -> &'static str {
        match self {
            Self::SelfRegistration => "eula",
            Self::NhsJobs | Self::Ravs => crate::terms::PLATFORM,
        }
    }

    /// The settings that an organisation of this preset starts with; `terms` is the document under
    /// [`Preset::terms_key`].
    pub fn policy(self, terms: TermsId) -> Policy {
        match self {
            Self::SelfRegistration => self_registration::policy(terms),
            Self::NhsJobs => nhs_jobs::policy(),
            Self::Ravs => ravs::policy(),
        }
    }
}

/// A system that people are given access to.
#[derive(Debug)]
pub struct PresetService {
    /// Stable, in kebab case.
    pub key: &'static str,
    /// As shown.
    pub name: &'static str,
    /// Sentences that start with a verb, in the order of every list.
    pub tasks: &'static [&'static str],
    /// In the order in which they are offered.
    pub roles: &'static [PresetRole],
}

/// A named set of tasks and permissions.
#[derive(Debug)]
pub struct PresetRole {
    /// Stable, in kebab case; the value of the filter in URLs.
    pub key: &'static str,
    /// As shown.
    pub name: &'static str,
    /// One line.
    pub summary: &'static str,
    /// Rights inside Lanyard.
    pub permissions: &'static [Permission],
    /// Which of the service's tasks it can do; the others it cannot.
    pub can: &'static [&'static str],
    /// Whether it may be limited to areas.
    pub scope_allowed: bool,
}

impl PresetRole {
    /// Whether it lets a person look at, or change what, other people may do (R48).
    pub fn is_privileged(&self) -> bool {
        self.permissions
            .iter()
            .any(|permission| permission.is_privileged())
    }

    /// Whether it is the role of those who manage everything: the first administrator gets it.
    pub fn manages_everything(&self) -> bool {
        self.permissions == Permission::ALL
    }
}

impl PresetService {
    /// The role of the first administrator.
    pub fn managing_role(&self) -> Option<&'static PresetRole> {
        self.roles.iter().find(|role| role.manages_everything())
    }
}
