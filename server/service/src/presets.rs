//! Presets: named starting sets for an organisation, each with a service, its tasks and roles, and
//! a policy pack (requirements, section 4). Data only; what is made of it is in `organisations.rs`.
//! They live beside the use cases, so that commands, the set-up page, the demo and tests share them.

mod self_registration;

use domain::{Permission, Policy, TermsId};

/// A named starting set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// Areas invite their people, who register by themselves (B01 to B22).
    SelfRegistration,
}

impl Preset {
    /// Every preset.
    pub const ALL: &'static [Self] = &[Self::SelfRegistration];

    /// The key on the command line and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SelfRegistration => "self-registration",
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
        }
    }

    /// The terms that people of such an organisation agree to.
    pub const fn terms_key(self) -> &'static str {
        match self {
            Self::SelfRegistration => "eula",
        }
    }

    /// The settings that an organisation of this preset starts with; `terms` is the document under
    /// [`Preset::terms_key`].
    pub fn policy(self, terms: TermsId) -> Policy {
        match self {
            Self::SelfRegistration => self_registration::policy(terms),
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

#[cfg(test)]
mod tests {
    use domain::{MobileRegion, SecondFactorKind, policy::MobileAtRegistration};

    use super::*;

    fn terms() -> TermsId {
        TermsId::from_uuid(uuid::Uuid::from_u128(1))
    }

    #[test]
    fn every_preset_is_whole() {
        for preset in Preset::ALL {
            assert_eq!(Preset::parse(preset.as_str()), Some(*preset));
            assert_eq!(preset.policy(terms()).validate(), Ok(()));
            let service = preset.service();
            assert!(service.managing_role().is_some());
            for role in service.roles {
                for task in role.can {
                    assert!(service.tasks.contains(task), "{}: {task}", role.key);
                }
            }
            // A task that nobody can do, or that everybody can do, would tell nothing of a role.
            for task in service.tasks {
                assert!(
                    service.roles.iter().any(|role| role.can.contains(task)),
                    "{task}"
                );
                assert!(
                    task.starts_with(|c: char| c.is_ascii_lowercase()),
                    "{task}: the middle of a sentence"
                );
            }
        }
        assert_eq!(Preset::parse("self_registration"), None);
    }

    /// Requirements, section 4: the column and the row of the preset.
    #[test]
    fn self_registration_is_as_the_guide_says() {
        let service = Preset::SelfRegistration.service();
        assert_eq!(service.name, "Service portal");
        let roles: Vec<_> = service
            .roles
            .iter()
            .map(|role| (role.name, role.permissions.len(), role.is_privileged()))
            .collect();
        assert_eq!(
            roles,
            [
                ("Administrator", 13, true),
                ("Manager", 2, true),
                ("Contributor", 0, false),
                ("Viewer", 0, false)
            ]
        );
        assert!(service.roles.iter().all(|role| role.scope_allowed));
        let policy = Preset::SelfRegistration.policy(terms());
        // B21, and the same for privileged roles.
        assert_eq!(policy.ttl_hours(false), 168);
        assert_eq!(policy.ttl_hours(true), 168);
        // B13, B15, B16.
        assert_eq!(
            policy.mobile_at_registration,
            MobileAtRegistration::Required
        );
        assert_eq!(policy.mobile_region, MobileRegion::Uk);
        assert_eq!(
            policy.second_factor_methods,
            [
                SecondFactorKind::Sms,
                SecondFactorKind::Email,
                SecondFactorKind::Authenticator,
                SecondFactorKind::Passkey
            ]
        );
        assert_eq!(policy.terms, domain::policy::TermsChoice::Document(terms()));
        // B05: one role for a person, limited to service areas.
        assert_eq!(policy.roles_per_member, Some(1));
        assert_eq!(policy.area_label.many, "service areas");
    }
}
