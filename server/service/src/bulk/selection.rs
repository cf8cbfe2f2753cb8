//! Who was selected: people one by one, or everybody whom the users list with some query holds. Either
//! way only those whom whoever selects may see (R38, R65).

use std::collections::{BTreeSet, HashMap, HashSet};

use domain::{
    Permission,
    bulk::{BulkAction, BulkDraft, RoleAsks, Selected},
    id::{BulkJobId, DraftId, MembershipId, UserId},
    listing::UsersQuery,
};
use store::{InvitationRow, JourneyRow, MembershipRow, RoleRow, Tx, UserRow};

use super::journey::{KIND, LIFETIME};
use crate::{
    Access, Actor, Error, Reach, Result, Services,
    memberships::Member,
    users::{UsersExport, export_reach},
};

/// A journey that was begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Started {
    /// It goes on here.
    pub draft: DraftId,
    /// Whether it ends in a file at once.
    pub file: bool,
    /// The first page.
    pub step: domain::bulk::BulkStep,
}

/// Somebody who was selected, with everything by which they are judged.
pub(super) struct Candidate {
    pub member: Member,
    /// Newest first; only where the action is about them.
    pub invitations: Vec<InvitationRow>,
}

impl Services {
    /// Starts a journey with a selection: these people, or with `all` everybody whom the users list with
    /// `query` holds.
    ///
    /// # Errors
    /// `bulk.none`, `bulk.too_many`; [`Error::NotAllowed`] without the right; [`Error::NotFound`] when one
    /// of the people is none whom the actor may see (R65).
    pub async fn start_bulk(
        &self,
        actor: &Actor,
        slug: &str,
        action: BulkAction,
        users: Vec<UserId>,
        all: Option<&str>,
    ) -> Result<Started> {
        let now = self.now();
        let mut tx = self.store.write().await?;
        let access = self.access(&mut tx, actor, slug).await?;
        access.require(Permission::UsersView)?;
        access.require(action.permission())?;
        let selected = match all {
            Some(query) => {
                let query = UsersQuery::parse(query).with_page(1);
                Selected::Matching(query.to_query_string())
            }
            None => {
                let mut seen = BTreeSet::new();
                let fresh = users.into_iter().filter(|user| seen.insert(*user));
                Selected::Users(fresh.collect())
            }
        };
        let members = self.selected_members(&mut tx, &access, &selected).await?;
        if let Selected::Users(users) = &selected
            && members.len() != users.len()
        {
            return Err(Error::NotFound);
        }
        if members.is_empty() {
            return Err(Error::violation("select", "bulk.none"));
        }
        if members.len() > Selected::MOST {
            return Err(Error::violation("select", "bulk.too_many"));
        }
        let draft = BulkDraft::new(action, selected);
        tx.delete_expired_journeys(now).await?;
        let row = JourneyRow {
            id: DraftId::from_uuid(self.random.uuid(now)),
            organisation_id: access.organisation_id(),
            user_id: actor.user(),
            kind: KIND.to_owned(),
            answers: serde_json::to_value(&draft).map_err(store::StoreError::from)?,
            batch_id: None,
            job_id: None::<BulkJobId>,
            version: 0,
            created_at: now,
            expires_at: now + LIFETIME,
        };
        tx.insert_journey(&row).await?;
        tx.commit().await?;
        Ok(Started {
            draft: row.id,
            file: action == BulkAction::Export,
            step: draft.next_step(RoleAsks::default()),
        })
    }

    /// The selected people as a file, for whoever may export: the rows that the users list has.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the selection is not the actor's or over; [`Error::NotAllowed`].
    pub async fn export_selected(
        &self,
        actor: &Actor,
        slug: &str,
        id: DraftId,
    ) -> Result<UsersExport> {
        let mut tx = self.store.read().await?;
        let access = self.access(&mut tx, actor, slug).await?;
        let reach = export_reach(&access)?;
        let row = tx
            .journey(access.organisation_id(), actor.user(), id, self.now())
            .await?
            .filter(|row| row.kind == KIND && row.job_id.is_none())
            .ok_or(Error::NotFound)?;
        let draft: BulkDraft =
            serde_json::from_value(row.answers).map_err(store::StoreError::from)?;
        let members = match &draft.selected {
            Selected::Matching(query) => {
                let query = UsersQuery::parse(query);
                self.listed_members(&mut tx, &access, &reach, &query)
                    .await?
            }
            Selected::Users(users) => {
                self.visible_members(&mut tx, &access, &reach, users)
                    .await?
            }
        };
        drop(tx);
        let filter = match &draft.selected {
            Selected::Matching(query) => query.clone(),
            Selected::Users(_) => "selected".to_owned(),
        };
        self.export_of(actor, access, reach, members, filter).await
    }

    /// Who is selected at this moment, in the order of the list.
    pub(super) async fn selected_members(
        &self,
        tx: &mut Tx,
        access: &Access,
        selected: &Selected,
    ) -> Result<Vec<MembershipId>> {
        let reach = access.require(Permission::UsersView)?;
        match selected {
            Selected::Matching(query) => {
                let query = UsersQuery::parse(query);
                self.listed_members(tx, access, &reach, &query).await
            }
            Selected::Users(users) => self.visible_members(tx, access, &reach, users).await,
        }
    }

    /// Those of these people who are members here and within reach, in their order.
    async fn visible_members(
        &self,
        tx: &mut Tx,
        access: &Access,
        reach: &Reach,
        users: &[UserId],
    ) -> Result<Vec<MembershipId>> {
        let organisation = access.organisation_id();
        let found: HashMap<UserId, MembershipId> = tx
            .memberships_of(organisation, users)
            .await?
            .into_iter()
            .map(|row| (row.user_id, row.id))
            .collect();
        let mut members: Vec<MembershipId> = users
            .iter()
            .filter_map(|user| found.get(user).copied())
            .collect();
        if !reach.covers(None) {
            let rows = tx.assignments_of_many(organisation, &members).await?;
            let seen: HashSet<MembershipId> = rows
                .iter()
                .filter(|row| reach.covers(row.area_id))
                .map(|row| row.membership_id)
                .collect();
            members.retain(|member| seen.contains(member));
        }
        Ok(members)
    }

    /// People with everything by which they are judged, in the order of `members`; in a few statements,
    /// however many they are.
    pub(super) async fn candidates(
        &self,
        tx: &mut Tx,
        access: &Access,
        members: &[MembershipId],
        with_invitations: bool,
    ) -> Result<Vec<Candidate>> {
        let organisation = access.organisation_id();
        let roles: std::sync::Arc<[RoleRow]> = tx.roles(organisation).await?.into();
        let mut rows: HashMap<MembershipId, MembershipRow> = tx
            .memberships(organisation, members)
            .await?
            .into_iter()
            .map(|row| (row.id, row))
            .collect();
        let ids: Vec<UserId> = rows.values().map(|row| row.user_id).collect();
        let mut users: HashMap<UserId, UserRow> = tx
            .users(&ids)
            .await?
            .into_iter()
            .map(|user| (user.id, user))
            .collect();
        let mut assignments: HashMap<MembershipId, Vec<_>> = HashMap::new();
        for row in tx.assignments_of_many(organisation, members).await? {
            assignments.entry(row.membership_id).or_default().push(row);
        }
        let mut invitations: HashMap<MembershipId, Vec<_>> = HashMap::new();
        if with_invitations {
            for row in tx.invitations_of_many(organisation, members).await? {
                invitations.entry(row.membership_id).or_default().push(row);
            }
        }
        let one = |id: &MembershipId| {
            let membership = rows.remove(id)?;
            Some(Candidate {
                invitations: invitations.remove(id).unwrap_or_default(),
                member: Member {
                    user: users.remove(&membership.user_id)?,
                    membership,
                    assignments: assignments.remove(id).unwrap_or_default(),
                    roles: roles.clone(),
                },
            })
        };
        Ok(members.iter().filter_map(one).collect())
    }
}
