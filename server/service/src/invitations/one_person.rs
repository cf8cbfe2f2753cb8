//! Adding one person (ux D3): the address first, because it tells who that is; then what is missing.
//! As with a list, each answer is kept as it was typed, and what follows from it is worked out anew
//! at each page.

mod answers;
mod check;
mod pages;
mod send;

pub(super) use answers::domain_not_allowed;

use domain::{
    EmailAddress, MembershipStatus, Permission,
    email_list::EmailList,
    id::DraftId,
    membership::DetailsRules,
    one_person::{AddDraft, AddFacts, AddStep, AddressView},
    policy::ManagedBy,
};
use store::{AddressRow, JourneyRow, RoleRow, Tx};

use super::{At, Elsewhere, journey::LIFETIME};
use crate::{Actor, Result, Services, authorisation::Access};

/// The journey's name in the database.
const KIND: &str = "add";

/// A journey with what its owner may do.
struct Adding {
    access: Access,
    journey: JourneyRow,
    draft: AddDraft,
}

/// Who has the address.
enum Found {
    /// Nobody who has registered, and nobody here.
    Nobody,
    /// Somebody with an account, who is not here.
    Elsewhere(AddressRow),
    /// Active here.
    Member(AddressRow),
    /// Invited here.
    Invited(AddressRow),
    /// Deactivated here.
    Inactive(AddressRow),
    /// People of this organisation are not made by hand.
    Managed,
}

/// What the database says about a draft at this moment.
struct Known {
    found: Found,
    doubt: Option<AddressView>,
    rules: DetailsRules,
    /// The job title of somebody who is known elsewhere, where it is the same everywhere (C6).
    shared_title: String,
    /// Every role of the organisation.
    roles: Vec<RoleRow>,
    facts: AddFacts,
}

impl Known {
    /// Somebody with an account signs in and accepts (R23).
    const fn has_account(&self) -> bool {
        matches!(self.found, Found::Elsewhere(_))
    }
}

impl Adding {
    fn rules(&self) -> &[String] {
        self.access.organisation.policy.email_domains.rules()
    }

    /// Whether a role asks where it holds.
    fn asks_areas(&self, role: &RoleRow) -> bool {
        role.scope_allowed && self.access.has_open_areas()
    }

    /// Whether a person may be added without a role: whoever manages some areas alone would lose
    /// sight of them.
    fn may_skip_role(&self) -> bool {
        let reach = self.access.require(Permission::UsersInvite);
        reach.is_ok_and(|reach| reach.covers(None))
    }
}

impl Services {
    /// Starts adding one person.
    ///
    /// # Errors
    /// [`crate::Error::NotAllowed`] without the right to invite.
    pub async fn start_adding(&self, actor: &Actor, slug: &str) -> Result<DraftId> {
        let mut tx = self.store.write().await?;
        let access = self.inviting(&mut tx, actor, slug).await?;
        let draft = AddDraft::default();
        let id = self
            .insert_journey(&mut tx, actor, &access, KIND, &draft)
            .await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Starts adding another person with the same roles (J32).
    ///
    /// # Errors
    /// [`crate::Error::NotAllowed`] without the right to invite.
    pub async fn add_another(&self, actor: &Actor, slug: &str, id: DraftId) -> Result<At<DraftId>> {
        let mut tx = self.store.write().await?;
        let loaded = match self.load_adding(&mut tx, actor, slug, id).await? {
            At::Here(loaded) => loaded,
            At::Elsewhere(elsewhere) => return Ok(At::Elsewhere(elsewhere)),
        };
        let draft = loaded.draft.another();
        let id = self
            .insert_journey(&mut tx, actor, &loaded.access, KIND, &draft)
            .await?;
        tx.commit().await?;
        Ok(At::Here(id))
    }

    /// The journey, when it is the actor's in this organisation and not over.
    async fn load_adding(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        slug: &str,
        id: DraftId,
    ) -> Result<At<Adding>> {
        let access = self.inviting(tx, actor, slug).await?;
        let row = tx
            .journey(access.organisation_id(), actor.user(), id, self.now())
            .await?;
        opened(access, row)
    }

    /// What is true of the answers now. A role that is gone, or is no longer the actor's to give, is
    /// asked for again.
    async fn known(&self, tx: &mut Tx, loaded: &mut Adding) -> Result<Known> {
        let organisation = &loaded.access.organisation;
        let address = loaded.draft.address();
        let found = match &address {
            Some(address) => self.find(tx, loaded, address).await?,
            None => Found::Nobody,
        };
        let doubt = match (&address, &found) {
            (Some(address), Found::Nobody) => self.doubt(tx, loaded, address).await?,
            _ => None,
        };
        let mut rules = DetailsRules::for_adding(&organisation.policy);
        if !loaded.access.has(Permission::NotesView) {
            rules = rules.without_notes();
        }
        let mut shared_title = String::new();
        if let Found::Elsewhere(row) = &found {
            rules = rules.without_names();
            shared_title = self.shared_job_title(tx, loaded, row).await?;
        }
        let roles = tx.roles(organisation.id).await?;
        let mut asks_areas = Vec::with_capacity(loaded.draft.roles.len());
        for index in 0..loaded.draft.roles.len() {
            let chosen = loaded.draft.roles[index].role;
            let row = roles.iter().find(|row| Some(row.id) == chosen);
            let row = row.filter(|row| {
                let mut theirs = loaded.access.grantable(std::slice::from_ref(*row));
                theirs.next().is_some()
            });
            if row.is_none() {
                loaded.draft.roles[index].role = None;
            }
            asks_areas.push(row.is_some_and(|row| loaded.asks_areas(row)));
        }
        let facts = AddFacts {
            doubtful: doubt.is_some(),
            known_elsewhere: matches!(found, Found::Elsewhere(_)),
            stands_in_the_way: matches!(
                found,
                Found::Member(_) | Found::Invited(_) | Found::Inactive(_) | Found::Managed
            ),
            // J20: what is known is not asked again.
            asks_details: if shared_title.is_empty() {
                rules.require_an_answer()
            } else {
                rules.clone().with_a_job_title().require_an_answer()
            },
            asks_areas,
        };
        Ok(Known {
            found,
            doubt,
            rules,
            shared_title,
            roles,
            facts,
        })
    }

    /// Who has an address (C22).
    async fn find(&self, tx: &mut Tx, loaded: &Adding, address: &EmailAddress) -> Result<Found> {
        let organisation = &loaded.access.organisation;
        let keys = [address.key().to_owned()];
        let row = tx.known_addresses(organisation.id, &keys).await?.pop();
        Ok(match row.map(|row| (row.status(), row)) {
            Some((Some(MembershipStatus::Active), row)) => Found::Member(row),
            Some((Some(MembershipStatus::Pending), row)) => Found::Invited(row),
            Some((Some(MembershipStatus::Inactive), row)) => Found::Inactive(row),
            _ if organisation.policy.managed_by == ManagedBy::Connector => Found::Managed,
            Some((_, row)) if row.registered_at.is_some() => Found::Elsewhere(row),
            _ => Found::Nobody,
        })
    }

    /// What was probably meant by an address that nobody has: a domain without its slip, or the
    /// address of somebody who is known, without what was put behind the `+` (V16).
    async fn doubt(
        &self,
        tx: &mut Tx,
        loaded: &Adding,
        address: &EmailAddress,
    ) -> Result<Option<AddressView>> {
        let view = |instead, variant| AddressView {
            email: address.as_str().to_owned(),
            instead,
            variant,
        };
        if let Some((name, _)) = address.local().split_once('+') {
            let plain = format!("{name}@{}", address.domain());
            let user = tx.user_by_email_key(&plain.to_lowercase()).await?;
            if let Some(user) = user.filter(|user| user.registered_at.is_some()) {
                return Ok(Some(view(user.email, true)));
            }
        }
        let list = EmailList::parse_with(address.as_str(), loaded.rules());
        let suggested = list.recognised.into_iter().next();
        let instead = suggested.and_then(|one| one.suggestion);
        Ok(instead.map(|instead| view(instead, false)))
    }

    /// Whether everything before `step` is answered; otherwise the first page that is not.
    async fn reach_add_step(
        &self,
        tx: &mut Tx,
        loaded: &mut Adding,
        step: AddStep,
    ) -> Result<At<Known>> {
        let known = self.known(tx, loaded).await?;
        let (next, number) = loaded.draft.next_step(&known.facts);
        Ok(if next < step || next == AddStep::Done {
            At::Elsewhere(Elsewhere::Adding(next, number))
        } else {
            At::Here(known)
        })
    }
}

/// A journey as it was read, or where it leads instead.
fn opened(access: Access, row: Option<JourneyRow>) -> Result<At<Adding>> {
    let Some(journey) = row.filter(|row| row.kind == KIND) else {
        return Ok(At::Elsewhere(Elsewhere::Start));
    };
    let draft: AddDraft =
        serde_json::from_value(journey.answers.clone()).map_err(store::StoreError::from)?;
    Ok(At::Here(Adding {
        access,
        journey,
        draft,
    }))
}
