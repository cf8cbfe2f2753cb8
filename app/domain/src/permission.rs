//! Permissions: the rights inside Lanyard itself, given by roles (requirements, section 4).

use crate::keyed::keyed_enum;

keyed_enum! {
    /// A right inside Lanyard. What a person may do in a service is a task instead.
    pub enum Permission {
        UsersView = "users.view",
        UsersInvite = "users.invite",
        UsersInviteInBulk = "users.invite_in_bulk",
        UsersChange = "users.change",
        UsersDeactivate = "users.deactivate",
        RolesAssign = "roles.assign",
        AreasManage = "areas.manage",
        SettingsManage = "settings.manage",
        ExceptionsGrant = "exceptions.grant",
        NotesView = "notes.view",
        ActivityView = "activity.view",
        UsersExport = "users.export",
        DirectoryView = "directory.view",
    }
}

impl Permission {
    /// Whether a role with this permission is privileged: it lets a person look at, or change what,
    /// other people may do. Such a role needs a second factor whatever the policy says (R48).
    pub const fn is_privileged(self) -> bool {
        !matches!(self, Self::DirectoryView)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_read_back() {
        assert_eq!(Permission::ALL.len(), 13);
        for permission in Permission::ALL {
            assert_eq!(Permission::parse(permission.as_str()), Some(*permission));
            let json = serde_json::to_string(permission).unwrap();
            assert_eq!(
                serde_json::from_str::<Permission>(&json).unwrap(),
                *permission
            );
        }
        assert_eq!(Permission::parse("users.delete"), None);
        assert!(serde_json::from_str::<Permission>("\"users.delete\"").is_err());
    }
}
