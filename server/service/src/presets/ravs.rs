//! RAVS (Record a vaccination service): the organisation of the guide to managing users (V01 to V27).

use domain::{
    Permission, Policy, SecondFactorKind,
    policy::{AreaLabel, EmailDomains, Field, FieldRule, GrantEffective, MutableBy, StatusLabels},
};

use super::{PresetRole, PresetService};

const RECORD: &str = "record and edit vaccinations";
const MANAGE_VACCINES: &str = "add and manage vaccines";
const CREATE_REPORTS: &str = "create reports";
const MANAGE_USERS: &str = "add and manage users";

/// V06 to V10: three permission levels, four tasks, any number of people in each.
pub(super) static SERVICE: PresetService = PresetService {
    key: "vaccinations",
    name: "Vaccinations",
    tasks: &[RECORD, MANAGE_VACCINES, CREATE_REPORTS, MANAGE_USERS],
    roles: &[
        PresetRole {
            key: "recorder",
            name: "Recorder",
            summary: "Records vaccinations",
            permissions: &[],
            can: &[RECORD],
            scope_allowed: false,
        },
        PresetRole {
            key: "administrator",
            name: "Administrator",
            summary: "Records vaccinations, looks after vaccines and reports",
            permissions: &[],
            can: &[RECORD, MANAGE_VACCINES, CREATE_REPORTS],
            scope_allowed: false,
        },
        PresetRole {
            key: "lead-administrator",
            name: "Lead administrator",
            summary: "Does everything an administrator does, and manages users",
            permissions: Permission::ALL,
            can: &[RECORD, MANAGE_VACCINES, CREATE_REPORTS, MANAGE_USERS],
            scope_allowed: false,
        },
    ],
};

pub(super) fn policy() -> Policy {
    Policy {
        invitation_ttl_hours: 168,
        privileged_invitation_ttl_hours: 24,
        // V03.
        email_domains: EmailDomains::Only(vec!["nhs.net".to_owned(), "*.nhs.uk".to_owned()]),
        second_factor_methods: vec![
            SecondFactorKind::Passkey,
            SecondFactorKind::Authenticator,
            SecondFactorKind::Sms,
            SecondFactorKind::Email,
        ],
        // V02, V04. V23: the clinician status can be changed later.
        fields: [
            (Field::FirstName, MutableBy::Org),
            (Field::LastName, MutableBy::Org),
            (Field::Email, MutableBy::Never),
            (Field::ClinicianStatus, MutableBy::Org),
        ]
        .into_iter()
        .map(|(field, mutable_by)| {
            let rule = FieldRule {
                mutable_by,
                ..FieldRule::REQUIRED
            };
            (field, rule)
        })
        .collect(),
        scope_kinds: Some(Vec::new()),
        // V06: a permission level, not several.
        roles_per_member: Some(1),
        // V24.
        grant_effective: GrantEffective::NextSignIn,
        status_labels: StatusLabels {
            inactive: "Deactivated".to_owned(),
            ..StatusLabels::default()
        },
        area_label: AreaLabel {
            one: "team".to_owned(),
            many: "teams".to_owned(),
        },
        ..Policy::default()
    }
}
