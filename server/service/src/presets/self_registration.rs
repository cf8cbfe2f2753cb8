//! Self-registration: the organisation of the bulk invitation guide (B01 to B22).

use domain::{
    MobileRegion, Permission, Policy, SecondFactorKind, TermsId,
    policy::{AreaLabel, Field, FieldRule, MobileAtRegistration, SecondFactorRule, TermsChoice},
};

use super::{PresetRole, PresetService};

/// What an organisation calls its areas.
pub(crate) const AREA_KIND: &str = "service area";

const VIEW_RECORDS: &str = "view records and documents";
const DOWNLOAD_REPORTS: &str = "download reports";
const EDIT_RECORDS: &str = "add and edit records";
const UPLOAD_DOCUMENTS: &str = "upload and replace documents";
const APPROVE_RECORDS: &str = "approve records";
const CREATE_REPORTS: &str = "create reports";
const INVITE: &str = "see who has access and invite people";
const MANAGE_USERS: &str = "change roles and deactivate users";
const MANAGE_SETTINGS: &str = "change service areas and settings";

pub(super) static SERVICE: PresetService = PresetService {
    key: "service-portal",
    name: "Service portal",
    tasks: &[
        VIEW_RECORDS,
        DOWNLOAD_REPORTS,
        EDIT_RECORDS,
        UPLOAD_DOCUMENTS,
        APPROVE_RECORDS,
        CREATE_REPORTS,
        INVITE,
        MANAGE_USERS,
        MANAGE_SETTINGS,
    ],
    roles: &[
        PresetRole {
            key: "administrator",
            name: "Administrator",
            summary: "Manages users, roles, service areas and settings",
            permissions: Permission::ALL,
            can: &[
                VIEW_RECORDS,
                DOWNLOAD_REPORTS,
                EDIT_RECORDS,
                UPLOAD_DOCUMENTS,
                APPROVE_RECORDS,
                CREATE_REPORTS,
                INVITE,
                MANAGE_USERS,
                MANAGE_SETTINGS,
            ],
            scope_allowed: true,
        },
        PresetRole {
            key: "manager",
            name: "Manager",
            summary: "Runs a service area, approves its records and invites its people",
            permissions: &[Permission::UsersView, Permission::UsersInvite],
            can: &[
                VIEW_RECORDS,
                DOWNLOAD_REPORTS,
                EDIT_RECORDS,
                UPLOAD_DOCUMENTS,
                APPROVE_RECORDS,
                CREATE_REPORTS,
                INVITE,
            ],
            scope_allowed: true,
        },
        PresetRole {
            key: "contributor",
            name: "Contributor",
            summary: "Adds and edits records and documents",
            permissions: &[],
            can: &[
                VIEW_RECORDS,
                DOWNLOAD_REPORTS,
                EDIT_RECORDS,
                UPLOAD_DOCUMENTS,
            ],
            scope_allowed: true,
        },
        PresetRole {
            key: "viewer",
            name: "Viewer",
            summary: "Reads records, documents and reports",
            permissions: &[],
            can: &[VIEW_RECORDS, DOWNLOAD_REPORTS],
            scope_allowed: true,
        },
    ],
};

pub(super) fn policy(terms: TermsId) -> Policy {
    Policy {
        invitation_ttl_hours: 168,
        privileged_invitation_ttl_hours: 168,
        second_factor: SecondFactorRule::Required,
        second_factor_methods: vec![
            SecondFactorKind::Sms,
            SecondFactorKind::Email,
            SecondFactorKind::Authenticator,
            SecondFactorKind::Passkey,
        ],
        terms: TermsChoice::Document(terms),
        mobile_at_registration: MobileAtRegistration::Required,
        mobile_region: MobileRegion::Uk,
        fields: [Field::FirstName, Field::LastName, Field::Mobile]
            .into_iter()
            .map(|field| (field, FieldRule::REQUIRED))
            .chain([(Field::Notes, FieldRule::OPTIONAL)])
            .collect(),
        scope_kinds: Some(vec![AREA_KIND.to_owned()]),
        roles_per_member: Some(1),
        area_label: AreaLabel {
            one: AREA_KIND.to_owned(),
            many: "service areas".to_owned(),
        },
        ..Policy::default()
    }
}
