//! The questions of the journey: role, areas, last day, reason. Each answer is kept as it was given; what
//! follows from it is worked out anew at each page.

use chrono::TimeDelta;
use domain::{
    Permission,
    area::{AreaSelection, AreasForm},
    bulk::{
        BulkAction, BulkAreasPage, BulkDatesPage, BulkDraft, BulkReasonPage, BulkRolePage,
        BulkRoleReasonPage, BulkStep, RoleAsks, Selected,
    },
    id::DraftId,
    membership::{AssignmentForm, DatesForm, DeactivateForm},
    role::RoleForm,
    wording,
};
use store::{JourneyRow, RoleRow, Tx};

use super::{Answers, At, Elsewhere, here};
use crate::{
    Access, Actor, Error, Result, Services,
    invitations::area_tree,
    memberships::named,
    roles::{ForMany, say_for_many},
};

/// How long an unfinished journey is kept.
pub(super) const LIFETIME: TimeDelta = TimeDelta::days(3);
/// The journey's name in the database.
pub(super) const KIND: &str = "bulk";

/// A journey with what its owner may do.
pub(super) struct Loaded {
    pub access: Access,
    pub journey: JourneyRow,
    pub draft: BulkDraft,
    /// Every role of the organisation.
    pub roles: Vec<RoleRow>,
}

impl Loaded {
    fn chosen_role(&self) -> Option<&RoleRow> {
        let wanted = self.draft.role?;
        self.roles.iter().find(|role| role.id == wanted)
    }

    /// What the chosen role asks besides itself.
    pub fn asks(&self) -> RoleAsks {
        let Some(role) = self.chosen_role() else {
            return RoleAsks::default();
        };
        let open = |area: &store::AreaRow| area.closed_at.is_none();
        RoleAsks {
            areas: role.scope_allowed && self.access.areas.iter().any(open),
            reason: role.privileged,
        }
    }

    /// The page on which the journey goes on: the first without an answer that is still right.
    pub fn next_step(&self, now: chrono::DateTime<chrono::Utc>) -> BulkStep {
        let step = self.draft.next_step(self.asks());
        if step != BulkStep::Check {
            return step;
        }
        let plan = Answers::of(&self.draft, now).ok().and_then(|answers| {
            super::Plan::of(&self.access, &self.roles, self.draft.action, &answers)
        });
        match plan {
            Some(_) => BulkStep::Check,
            // What was chosen is gone, or the day is over by now.
            None => match self.draft.action {
                BulkAction::Role if self.chosen_role().is_none() => BulkStep::Role,
                BulkAction::Role | BulkAction::Areas => BulkStep::Areas,
                BulkAction::EndDate => BulkStep::EndDate,
                BulkAction::Deactivate => BulkStep::Deactivate,
                _ => BulkStep::Check,
            },
        }
    }

    /// Whether this journey has that page.
    fn is_asked(&self, step: BulkStep, now: chrono::DateTime<chrono::Utc>) -> At<()> {
        let fits = match step {
            BulkStep::Role => self.draft.action == BulkAction::Role,
            BulkStep::Areas => match self.draft.action {
                BulkAction::Areas => true,
                BulkAction::Role => self.asks().areas,
                _ => false,
            },
            BulkStep::EndDate => self.draft.action == BulkAction::EndDate,
            BulkStep::Deactivate => self.draft.action == BulkAction::Deactivate,
            BulkStep::Reason => self.draft.action == BulkAction::Role && self.asks().reason,
            BulkStep::Check | BulkStep::Sure => true,
        };
        if fits {
            At::Here(())
        } else {
            At::Elsewhere(Elsewhere::Step(self.next_step(now)))
        }
    }
}

impl Services {
    /// The question about the role.
    ///
    /// # Errors
    /// [`Error::NotAllowed`]; [`Error::NotFound`].
    pub async fn bulk_role(
        &self,
        actor: &Actor,
        slug: &str,
        id: DraftId,
    ) -> Result<At<BulkRolePage>> {
        let mut tx = self.store.read().await?;
        let loaded = here!(self.load_bulk(&mut tx, actor, slug, id).await?);
        here!(loaded.is_asked(BulkStep::Role, self.now()));
        let people = self.selected_people(&mut tx, &loaded).await?;
        let mut roles = self.assignable_roles(&mut tx, &loaded.access, None).await?;
        say_for_many(&mut roles, people, ForMany::Changed);
        Ok(At::Here(BulkRolePage {
            roles,
            chosen: loaded.draft.role,
            people,
        }))
    }

    /// Answers it. Areas that were chosen stay chosen; a reason does while one is asked.
    ///
    /// # Errors
    /// `role.empty`, `role.full`.
    pub async fn answer_bulk_role(
        &self,
        actor: &Actor,
        slug: &str,
        id: DraftId,
        role: &str,
    ) -> Result<At<BulkStep>> {
        let mut tx = self.store.write().await?;
        let mut loaded = here!(self.load_bulk(&mut tx, actor, slug, id).await?);
        here!(loaded.is_asked(BulkStep::Role, self.now()));
        let offered = self.assignable_roles(&mut tx, &loaded.access, None).await?;
        let form = RoleForm {
            role: role.to_owned(),
        };
        let role = form.validate(&offered)?;
        loaded.draft.role = Some(role.id);
        if !role.privileged {
            loaded.draft.reason.clear();
        }
        self.go_on_in_bulk(tx, loaded).await
    }

    /// The question about the areas.
    ///
    /// # Errors
    /// [`Error::NotAllowed`]; [`Error::NotFound`].
    pub async fn bulk_areas(
        &self,
        actor: &Actor,
        slug: &str,
        id: DraftId,
    ) -> Result<At<BulkAreasPage>> {
        let mut tx = self.store.read().await?;
        let loaded = here!(self.load_bulk(&mut tx, actor, slug, id).await?);
        here!(loaded.is_asked(BulkStep::Areas, self.now()));
        let access = &loaded.access;
        let reach = access.require(Permission::RolesAssign)?;
        let offered = access
            .areas
            .iter()
            .filter(|area| area.closed_at.is_none() && reach.covers(Some(area.id)))
            .map(|area| area.id)
            .collect();
        let everywhere = loaded.draft.action == BulkAction::Role && reach.covers(None);
        Ok(At::Here(BulkAreasPage {
            action: loaded.draft.action,
            question: access.where_to((offered, everywhere), loaded.draft.areas.clone()),
            people: self.selected_people(&mut tx, &loaded).await?,
        }))
    }

    /// Answers it.
    ///
    /// # Errors
    /// `areas.*`; [`Error::NotAllowed`] for areas that the actor was not offered (R67).
    pub async fn answer_bulk_areas(
        &self,
        actor: &Actor,
        slug: &str,
        id: DraftId,
        areas: Vec<String>,
    ) -> Result<At<BulkStep>> {
        let mut tx = self.store.write().await?;
        let mut loaded = here!(self.load_bulk(&mut tx, actor, slug, id).await?);
        here!(loaded.is_asked(BulkStep::Areas, self.now()));
        let access = &loaded.access;
        let tree = area_tree(&access.areas);
        let chosen = AreasForm { areas }
            .validate(&tree)
            .map_err(|violations| named(violations, access))?;
        let reach = access.require(Permission::RolesAssign)?;
        let offered = match &chosen {
            AreaSelection::Whole if loaded.draft.action == BulkAction::Areas => {
                return Err(Error::violation("areas", "areas.empty"));
            }
            AreaSelection::Whole => reach.covers(None),
            AreaSelection::Areas(areas) => areas.iter().all(|area| reach.covers(Some(*area))),
        };
        if !offered {
            return Err(Error::NotAllowed);
        }
        loaded.draft.areas = Some(chosen);
        self.go_on_in_bulk(tx, loaded).await
    }

    /// The question about the last day.
    ///
    /// # Errors
    /// [`Error::NotAllowed`]; [`Error::NotFound`].
    pub async fn bulk_dates(
        &self,
        actor: &Actor,
        slug: &str,
        id: DraftId,
    ) -> Result<At<BulkDatesPage>> {
        let mut tx = self.store.read().await?;
        let loaded = here!(self.load_bulk(&mut tx, actor, slug, id).await?);
        here!(loaded.is_asked(BulkStep::EndDate, self.now()));
        Ok(At::Here(BulkDatesPage {
            dates: loaded.draft.dates.clone(),
            people: self.selected_people(&mut tx, &loaded).await?,
        }))
    }

    /// Answers it.
    ///
    /// # Errors
    /// `end.*`.
    pub async fn answer_bulk_dates(
        &self,
        actor: &Actor,
        slug: &str,
        id: DraftId,
        dates: DatesForm,
    ) -> Result<At<BulkStep>> {
        let mut tx = self.store.write().await?;
        let mut loaded = here!(self.load_bulk(&mut tx, actor, slug, id).await?);
        here!(loaded.is_asked(BulkStep::EndDate, self.now()));
        loaded.draft.dates = dates;
        Answers::of(&loaded.draft, self.now())?;
        self.go_on_in_bulk(tx, loaded).await
    }

    /// The question why they are deactivated.
    ///
    /// # Errors
    /// [`Error::NotAllowed`]; [`Error::NotFound`].
    pub async fn bulk_reason(
        &self,
        actor: &Actor,
        slug: &str,
        id: DraftId,
    ) -> Result<At<BulkReasonPage>> {
        let mut tx = self.store.read().await?;
        let loaded = here!(self.load_bulk(&mut tx, actor, slug, id).await?);
        here!(loaded.is_asked(BulkStep::Deactivate, self.now()));
        Ok(At::Here(BulkReasonPage {
            reason: loaded.draft.reason.clone(),
            reason_other: loaded.draft.reason_other.clone(),
            organisation: loaded.access.organisation.name.clone(),
            people: self.selected_people(&mut tx, &loaded).await?,
        }))
    }

    /// Answers it.
    ///
    /// # Errors
    /// `reason.*`, `reason_other.empty`.
    pub async fn answer_bulk_reason(
        &self,
        actor: &Actor,
        slug: &str,
        id: DraftId,
        form: &DeactivateForm,
    ) -> Result<At<BulkStep>> {
        let mut tx = self.store.write().await?;
        let mut loaded = here!(self.load_bulk(&mut tx, actor, slug, id).await?);
        here!(loaded.is_asked(BulkStep::Deactivate, self.now()));
        loaded.draft.reason.clone_from(&form.reason);
        loaded.draft.reason_other = form.reason_other.replace('\0', "\u{fffd}");
        Answers::of(&loaded.draft, self.now())?;
        self.go_on_in_bulk(tx, loaded).await
    }

    /// The question why they need a role with which others are managed (E4).
    ///
    /// # Errors
    /// [`Error::NotAllowed`]; [`Error::NotFound`].
    pub async fn bulk_role_reason(
        &self,
        actor: &Actor,
        slug: &str,
        id: DraftId,
    ) -> Result<At<BulkRoleReasonPage>> {
        let mut tx = self.store.read().await?;
        let loaded = here!(self.load_bulk(&mut tx, actor, slug, id).await?);
        here!(loaded.is_asked(BulkStep::Reason, self.now()));
        let role = loaded.chosen_role().map(|role| role.name.clone());
        Ok(At::Here(BulkRoleReasonPage {
            role: role.unwrap_or_default(),
            reason: loaded.draft.reason.clone(),
            back: loaded.asks().before_reason(),
            people: self.selected_people(&mut tx, &loaded).await?,
        }))
    }

    /// Answers it.
    ///
    /// # Errors
    /// `role_reason.empty`, `reason.too_long`.
    pub async fn answer_bulk_role_reason(
        &self,
        actor: &Actor,
        slug: &str,
        id: DraftId,
        reason: &str,
    ) -> Result<At<BulkStep>> {
        let mut tx = self.store.write().await?;
        let mut loaded = here!(self.load_bulk(&mut tx, actor, slug, id).await?);
        here!(loaded.is_asked(BulkStep::Reason, self.now()));
        let form = AssignmentForm {
            reason: reason.to_owned(),
            ..AssignmentForm::default()
        };
        loaded.draft.reason = form.validate_reason()?;
        self.go_on_in_bulk(tx, loaded).await
    }

    /// How many are selected at this moment.
    async fn selected_people(&self, tx: &mut Tx, loaded: &Loaded) -> Result<u32> {
        let people = match &loaded.draft.selected {
            Selected::Users(users) => users.len(),
            selected @ Selected::Matching(_) => self
                .selected_members(tx, &loaded.access, selected)
                .await?
                .len(),
        };
        Ok(wording::count(people))
    }

    /// The journey, when it is the actor's in this organisation and not over or finished.
    pub(super) async fn load_bulk(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        slug: &str,
        id: DraftId,
    ) -> Result<At<Loaded>> {
        let access = self.access(tx, actor, slug).await?;
        let organisation = access.organisation_id();
        let row = tx
            .journey(organisation, actor.user(), id, self.now())
            .await?;
        let roles = tx.roles(organisation).await?;
        open(access, row, roles)
    }

    /// Keeps the answers and says which page comes next.
    pub(super) async fn go_on_in_bulk(
        &self,
        mut tx: Tx,
        mut loaded: Loaded,
    ) -> Result<At<BulkStep>> {
        loaded.journey.answers =
            serde_json::to_value(&loaded.draft).map_err(store::StoreError::from)?;
        loaded.journey.expires_at = self.now() + LIFETIME;
        tx.update_journey(&loaded.journey).await?;
        tx.commit().await?;
        Ok(At::Here(loaded.next_step(self.now())))
    }
}

/// A journey as it was read, or where it leads instead. Whoever may do nothing to many is not told even
/// that (R63).
pub(super) fn open(
    access: Access,
    row: Option<JourneyRow>,
    roles: Vec<RoleRow>,
) -> Result<At<Loaded>> {
    access.require(Permission::UsersView)?;
    let mut actions = BulkAction::ALL.iter();
    if !actions.any(|action| access.has(action.permission())) {
        return Err(Error::NotAllowed);
    }
    let Some(journey) = row.filter(|row| row.kind == KIND) else {
        return Ok(At::Elsewhere(Elsewhere::Start));
    };
    if let Some(job) = journey.job_id {
        return Ok(At::Elsewhere(Elsewhere::Job(job)));
    }
    let draft: BulkDraft =
        serde_json::from_value(journey.answers.clone()).map_err(store::StoreError::from)?;
    access.require(draft.action.permission())?;
    Ok(At::Here(Loaded {
        access,
        journey,
        draft,
        roles,
    }))
}
