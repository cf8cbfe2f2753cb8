//! What somebody is told who was deactivated (V26): where, and who can bring them back.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{MembershipStatus, Permission, id::RoleId, sign_in::LostAccess};
use store::{MembershipRow, OrganisationRow, Tx};

use crate::{Result, Services};

/// As many people as a sentence can name.
const NAMED: usize = 3;
/// As many organisations as a page can.
const PLACES: usize = 5;

/// A cookie is no longer than this.
const MOST_BYTES: usize = 3_800;

/// As the text of a cookie.
pub fn encode(lost: &[LostAccess]) -> String {
    let text = URL_SAFE_NO_PAD.encode(serde_json::to_vec(lost).unwrap_or_default());
    if text.len() > MOST_BYTES {
        return String::new();
    }
    text
}

/// What is in such a text; nothing in any other.
pub fn decode(text: &str) -> Vec<LostAccess> {
    let bytes = URL_SAFE_NO_PAD.decode(text).unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or_default()
}

impl Services {
    /// The organisations in which a person was deactivated, each with administrators of the whole of it.
    pub(crate) async fn lost_access(
        &self,
        tx: &mut Tx,
        places: &[(OrganisationRow, MembershipRow)],
    ) -> Result<Vec<LostAccess>> {
        let lost = places.iter().filter(|(organisation, membership)| {
            organisation.closed_at.is_none() && membership.status == MembershipStatus::Inactive
        });
        let mut told = Vec::new();
        for (organisation, _) in lost.take(PLACES) {
            let roles = tx.roles(organisation.id).await?;
            let managing: Vec<RoleId> = roles
                .iter()
                .filter(|role| role.permissions.contains(&Permission::UsersDeactivate))
                .map(|role| role.id)
                .collect();
            let most = i64::try_from(NAMED).unwrap_or(i64::MAX);
            let holders = tx.holders(organisation.id, &managing, self.now(), most);
            let whom_to_ask = holders
                .await?
                .into_iter()
                .filter(|holder| holder.area_id.is_none())
                .map(|holder| {
                    let name = format!("{} {}", holder.first_name, holder.last_name);
                    format!("{} ({})", name.trim(), holder.email)
                })
                .collect();
            told.push(LostAccess {
                organisation: organisation.name.clone(),
                whom_to_ask,
            });
        }
        Ok(told)
    }
}
