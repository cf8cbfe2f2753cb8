//! The rights inside Lanyard, in words.

use domain::Permission;

/// What a permission lets somebody do, in the middle of a sentence: "invite people".
pub const fn permission(permission: Permission) -> &'static str {
    match permission {
        Permission::UsersView => "see users, their roles and their status",
        Permission::UsersInvite => "invite people, send invitations again and cancel them",
        Permission::UsersInviteInBulk => "invite many people at once",
        Permission::UsersChange => "change the details of users",
        Permission::UsersDeactivate => "deactivate and reactivate users",
        Permission::RolesAssign => "give roles, change them and take them away",
        Permission::AreasManage => "add, rename and close areas",
        Permission::SettingsManage => "change settings",
        Permission::ExceptionsGrant => "let someone sign in without 2-step sign in for a time",
        Permission::NotesView => "read and write notes about users",
        Permission::ActivityView => "see what was done and by whom",
        Permission::UsersExport => "download the list of users",
        Permission::DirectoryView => "look people up in the directory",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_permission_has_words_of_its_own() {
        let words: BTreeSet<_> = Permission::ALL.iter().map(|one| permission(*one)).collect();
        assert_eq!(words.len(), Permission::ALL.len());
        for words in words {
            assert!(
                words.starts_with(char::is_lowercase) && !words.ends_with('.'),
                "{words}"
            );
        }
    }
}
