//! NHS Jobs: the organisation of the guide to managing users (J01 to J52).

use std::collections::BTreeMap;

use domain::{
    Permission, Policy, SecondFactorKind,
    policy::{AreaLabel, Field, FieldRule, JobTitleScope, SharedNameEdit, StatusLabels},
};

use super::{PresetRole, PresetService};

/// The role that is limited to [`SUPER_USERS`] people.
const SUPER_USER: &str = "super-user";
/// J25.
const SUPER_USERS: u32 = 7;

const CREATE_LISTINGS: &str = "create job listings";
const PUBLISH_LISTINGS: &str = "approve and publish job listings";
const SHORTLIST: &str = "shortlist applicants";
const ARRANGE_INTERVIEWS: &str = "arrange interviews";
const SCORE_INTERVIEWS: &str = "score interviews";
const OFFER_JOBS: &str = "make job offers";
const CHECK_BEFORE_EMPLOYMENT: &str = "carry out pre-employment checks";
const ISSUE_CONTRACTS: &str = "issue contracts";
const REASSIGN_TASKS: &str = "assign tasks to other people";
const CREATE_REPORTS: &str = "create recruitment reports";
const SEE_USERS: &str = "see who has access";
const CHANGE_SETTINGS: &str = "change departments and approval settings";
const MANAGE_USERS: &str = "add and manage users";

/// J03: exactly these four roles. None can be limited to a part of the organisation.
pub(super) static SERVICE: PresetService = PresetService {
    key: "recruitment",
    name: "Recruitment",
    tasks: &[
        CREATE_LISTINGS,
        PUBLISH_LISTINGS,
        SHORTLIST,
        ARRANGE_INTERVIEWS,
        SCORE_INTERVIEWS,
        OFFER_JOBS,
        CHECK_BEFORE_EMPLOYMENT,
        ISSUE_CONTRACTS,
        REASSIGN_TASKS,
        CREATE_REPORTS,
        SEE_USERS,
        CHANGE_SETTINGS,
        MANAGE_USERS,
    ],
    roles: &[
        PresetRole {
            key: SUPER_USER,
            name: "Super user",
            summary: "Does every recruitment task and manages users and settings",
            permissions: Permission::ALL,
            can: &[
                CREATE_LISTINGS,
                PUBLISH_LISTINGS,
                SHORTLIST,
                ARRANGE_INTERVIEWS,
                SCORE_INTERVIEWS,
                OFFER_JOBS,
                CHECK_BEFORE_EMPLOYMENT,
                ISSUE_CONTRACTS,
                REASSIGN_TASKS,
                CREATE_REPORTS,
                SEE_USERS,
                CHANGE_SETTINGS,
                MANAGE_USERS,
            ],
            scope_allowed: false,
        },
        PresetRole {
            key: "team-manager",
            name: "Team manager",
            summary: "Runs a recruitment team and shares out its tasks",
            permissions: &[Permission::UsersView],
            can: &[
                CREATE_LISTINGS,
                PUBLISH_LISTINGS,
                SHORTLIST,
                ARRANGE_INTERVIEWS,
                SCORE_INTERVIEWS,
                OFFER_JOBS,
                CHECK_BEFORE_EMPLOYMENT,
                ISSUE_CONTRACTS,
                REASSIGN_TASKS,
                CREATE_REPORTS,
                SEE_USERS,
            ],
            scope_allowed: false,
        },
        PresetRole {
            key: "recruitment-administrator",
            name: "Recruitment administrator",
            summary: "Publishes listings, arranges interviews and sees new starters through their checks",
            permissions: &[],
            can: &[
                CREATE_LISTINGS,
                PUBLISH_LISTINGS,
                ARRANGE_INTERVIEWS,
                OFFER_JOBS,
                CHECK_BEFORE_EMPLOYMENT,
                ISSUE_CONTRACTS,
            ],
            scope_allowed: false,
        },
        PresetRole {
            key: "recruiting-manager",
            name: "Recruiting manager",
            summary: "Asks for a post to be filled, shortlists and interviews for it",
            permissions: &[],
            can: &[
                CREATE_LISTINGS,
                SHORTLIST,
                ARRANGE_INTERVIEWS,
                SCORE_INTERVIEWS,
            ],
            scope_allowed: false,
        },
    ],
};

pub(super) fn policy() -> Policy {
    Policy {
        invitation_ttl_hours: 168,
        privileged_invitation_ttl_hours: 24,
        second_factor_methods: vec![
            SecondFactorKind::Passkey,
            SecondFactorKind::Authenticator,
            SecondFactorKind::Sms,
            SecondFactorKind::Email,
        ],
        // J20.
        fields: [Field::FirstName, Field::LastName, Field::JobTitle]
            .into_iter()
            .map(|field| (field, FieldRule::REQUIRED))
            .collect(),
        scope_kinds: Some(Vec::new()),
        // J24.
        roles_per_member: Some(1),
        seat_limit: BTreeMap::from([(SUPER_USER.to_owned(), SUPER_USERS)]),
        // J38.
        shared_name_edit: SharedNameEdit::Allow,
        job_title_scope: JobTitleScope::Shared,
        // J15, J46.
        status_labels: StatusLabels {
            inactive: "Deactivated".to_owned(),
            ..StatusLabels::default()
        },
        area_label: AreaLabel {
            one: "department".to_owned(),
            many: "departments".to_owned(),
        },
        ..Policy::default()
    }
}
