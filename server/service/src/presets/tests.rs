//! What the guides fix, preset by preset.

use domain::{
    EmailAddress, MobileRegion, SecondFactorKind, ShownStatus,
    policy::{
        Field, FieldUse, GrantEffective, JobTitleScope, MobileAtRegistration, MutableBy,
        TermsChoice,
    },
};

use super::*;

fn terms() -> TermsId {
    TermsId::from_uuid(uuid::Uuid::from_u128(1))
}

#[test]
fn every_preset_is_whole() {
    for preset in Preset::ALL {
        assert_eq!(Preset::parse(preset.as_str()), Some(*preset));
        let policy = preset.policy(terms());
        assert_eq!(policy.validate(), Ok(()));
        let service = preset.service();
        // A limit is on a role that there is, and roles are limited to areas only where there are
        // kinds to limit them to.
        for key in policy.seat_limit.keys() {
            assert!(service.roles.iter().any(|role| role.key == key), "{key}");
        }
        let scoped = policy.scope_kinds.as_deref() != Some(&[]);
        assert!(
            service
                .roles
                .iter()
                .all(|role| role.scope_allowed == scoped)
        );
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

/// Names, number of permissions and tasks of the roles of a preset.
fn roles(preset: Preset) -> Vec<(&'static str, Vec<Permission>, usize)> {
    let roles = preset.service().roles.iter();
    roles
        .map(|role| (role.name, role.permissions.to_vec(), role.can.len()))
        .collect()
}

fn everything() -> Vec<Permission> {
    Permission::ALL.to_vec()
}

/// J03, J04: exactly four roles; which tasks each can do.
#[test]
fn nhs_jobs_has_four_roles() {
    let service = Preset::NhsJobs.service();
    assert_eq!(service.name, "Recruitment");
    assert_eq!(
        roles(Preset::NhsJobs),
        [
            ("Super user", everything(), 13),
            ("Team manager", vec![Permission::UsersView], 11),
            ("Recruitment administrator", vec![], 6),
            ("Recruiting manager", vec![], 4),
        ]
    );
    // No two roles are the same.
    for one in service.roles {
        let same = service.roles.iter().filter(|two| two.can == one.can);
        assert_eq!(same.count(), 1, "{}", one.key);
    }
}

/// J05: who manages users has the right inside Lanyard, and who says so in words has it.
#[test]
fn only_super_users_manage_users() {
    for role in Preset::NhsJobs.service().roles {
        let is_super_user = role.key == "super-user";
        assert_eq!(role.manages_everything(), is_super_user);
        assert_eq!(role.can.contains(&"add and manage users"), is_super_user);
        assert_eq!(
            role.can.contains(&"see who has access"),
            role.permissions.contains(&Permission::UsersView),
            "{}",
            role.key
        );
    }
}

/// J15, J20, J24, J25, J38, J46, C6, C7, C8: the column of NHS Jobs in requirements, section 4.
#[test]
fn nhs_jobs_has_its_settings() {
    let policy = Preset::NhsJobs.policy(terms());
    assert_eq!(policy.roles_per_member, Some(1));
    assert_eq!(
        policy.seat_limit.into_iter().collect::<Vec<_>>(),
        [("super-user".to_owned(), 7)]
    );
    assert_eq!(policy.scope_kinds, Some(vec![]));
    assert_eq!(policy.job_title_scope, JobTitleScope::Shared);
    assert_eq!(
        policy.status_labels.label(ShownStatus::Inactive),
        "Deactivated"
    );
    assert_eq!(policy.status_labels.label(ShownStatus::Active), "Active");
    assert_eq!(
        (&*policy.area_label.one, &*policy.area_label.many),
        ("department", "departments")
    );
    let policy = Preset::NhsJobs.policy(terms());
    assert_eq!((policy.ttl_hours(false), policy.ttl_hours(true)), (168, 24));
    assert_eq!(policy.terms, TermsChoice::Platform);
    assert!(policy.email_domains.rules().is_empty());
    assert_eq!(policy.grant_effective, GrantEffective::Immediate);
    for field in [Field::FirstName, Field::LastName, Field::JobTitle] {
        assert_eq!(policy.field(field).usage, FieldUse::Required, "{field}");
    }
    assert_eq!(policy.field(Field::ClinicianStatus).usage, FieldUse::Hidden);
    has_email_codes_besides(&policy);
}

/// "+ email" in the table: the default methods, and codes by email.
fn has_email_codes_besides(policy: &Policy) {
    let mut methods = Policy::default().second_factor_methods;
    methods.push(SecondFactorKind::Email);
    assert_eq!(policy.second_factor_methods, methods);
    // R43: never for those who manage others.
    let strong = [SecondFactorKind::Passkey, SecondFactorKind::Authenticator];
    assert_eq!(policy.second_factor_choices(true), strong);
}

/// V01, V06 to V10: the guide's table of three levels and four tasks, cell by cell.
#[test]
fn ravs_has_the_table_of_the_guide() {
    let service = Preset::Ravs.service();
    assert_eq!(service.name, "Vaccinations");
    assert_eq!(
        service.tasks,
        [
            "record and edit vaccinations",
            "add and manage vaccines",
            "create reports",
            "add and manage users"
        ]
    );
    let table: Vec<(&str, Vec<bool>, bool)> = service
        .roles
        .iter()
        .map(|role| {
            let cells = service.tasks.iter().map(|task| role.can.contains(task));
            (role.name, cells.collect(), role.manages_everything())
        })
        .collect();
    assert_eq!(
        table,
        [
            ("Recorder", vec![true, false, false, false], false),
            ("Administrator", vec![true, true, true, false], false),
            ("Lead administrator", vec![true, true, true, true], true),
        ]
    );
    // Of the others nobody has any right inside Lanyard.
    assert!(service.roles[..2].iter().all(|role| !role.is_privileged()));
    // V10: any number of people for each level.
    assert!(Preset::Ravs.policy(terms()).seat_limit.is_empty());
}

/// V03, C27: rules match whole labels of a domain.
#[test]
fn ravs_takes_nhs_approved_addresses_only() {
    let policy = Preset::Ravs.policy(terms());
    let allows = |address: &str| {
        let address = EmailAddress::parse(address).unwrap();
        policy.email_domains.allows(&address)
    };
    for address in [
        "jane.carlton2@nhs.net",
        "jane.carlton2+greenwoodpharmacy@nhs.net",
        "jane@NHS.NET",
        "jane@rosebush.nhs.uk",
        "jane@mail.rosebush.nhs.uk",
    ] {
        assert!(allows(address), "{address}");
    }
    for address in [
        "jane@evilnhs.uk",
        "jane@evilnhs.net",
        "jane@nhs.net.example",
        "jane@rosebush.nhs.uk.example",
        "jane@mail.nhs.net",
        "jane@nhs.org",
        "nhs.net@gmail.com",
    ] {
        assert!(!allows(address), "{address}");
    }
}

/// V02, V04, V06, V23, V24, C9: the column of RAVS in requirements, section 4.
#[test]
fn ravs_has_its_settings() {
    let policy = Preset::Ravs.policy(terms());
    assert_eq!(policy.roles_per_member, Some(1));
    assert_eq!(policy.scope_kinds, Some(vec![]));
    assert_eq!(policy.grant_effective, GrantEffective::NextSignIn);
    assert_eq!(policy.status_label(ShownStatus::Inactive), "Deactivated");
    assert_eq!(policy.area_label.many, "teams");
    assert_eq!((policy.ttl_hours(false), policy.ttl_hours(true)), (168, 24));
    assert_eq!(policy.terms, TermsChoice::Platform);
    let required: Vec<Field> = policy.fields.keys().copied().collect();
    assert_eq!(
        required,
        [
            Field::FirstName,
            Field::LastName,
            Field::Email,
            Field::ClinicianStatus
        ]
    );
    let is_required = |rule: &domain::policy::FieldRule| rule.usage == FieldUse::Required;
    assert!(policy.fields.values().all(is_required));
    let mutable_by = |field| policy.field(field).mutable_by;
    assert_eq!(mutable_by(Field::ClinicianStatus), MutableBy::Org);
    assert_eq!(mutable_by(Field::Email), MutableBy::Never);
    has_email_codes_besides(&policy);
}
