//! Every way on which somebody can come to hold something.

use domain::{
    bulk::BulkAction,
    membership::{DetailsForm, ReactivateForm},
};

use super::{Step, Unit, places};
use crate::{Actor, Error, Result, bulk, invitations::At};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Way {
    AddRole,
    ChangeRole,
    RemoveRole,
    Reactivate,
    ReactivateAs,
    Undo,
    Invite,
    AddPerson,
    Resend,
    BulkRole,
    BulkAreas,
    BulkReactivate,
}

pub(super) const WAYS: [Way; 12] = [
    Way::AddRole,
    Way::ChangeRole,
    Way::RemoveRole,
    Way::Reactivate,
    Way::ReactivateAs,
    Way::Undo,
    Way::Invite,
    Way::AddPerson,
    Way::Resend,
    Way::BulkRole,
    Way::BulkAreas,
    Way::BulkReactivate,
];

impl Unit {
    /// Tries a step.
    pub(super) async fn attempt(&mut self, way: Way, by: &Actor, step: &Step) -> Result<()> {
        let user = self.person(way, step);
        let version = self.version(user).await;
        let form = self.form(step.role.0, step.place.0);
        let held = self.assignments(user).await;
        let row = held.get(step.role.1 % held.len().max(1)).map(|row| row.id);
        let row = row.ok_or(Error::NotFound);
        let services = self.h.services.clone();
        match way {
            Way::AddRole => {
                let done = services.add_role(by, "rx1", user, version, &form);
                done.await.map(drop)
            }
            Way::ChangeRole => {
                let done = services.change_role(by, "rx1", user, row?, version, &form);
                done.await.map(drop)
            }
            Way::RemoveRole => {
                let done = services.remove_role(by, "rx1", user, row?);
                done.await.map(drop)
            }
            Way::Reactivate => {
                let same = ReactivateForm {
                    confirm: "yes".to_owned(),
                    access: "same".to_owned(),
                };
                let done = services.reactivate(by, "rx1", user, &same);
                done.await.map(drop)
            }
            Way::ReactivateAs => {
                let done = services.reactivate_as(by, "rx1", user, version, &form);
                done.await.map(drop)
            }
            Way::Undo => {
                let change = self.changes.last().copied().ok_or(Error::NotFound)?;
                services.undo(by, "rx1", change).await.map(drop)
            }
            Way::Resend => {
                let done = services.resend_invitation(by, "rx1", user);
                done.await.map(drop)
            }
            Way::Invite | Way::AddPerson => {
                self.invited += 1;
                let email = format!("new.person{}@nhs.net", self.invited);
                let done = if way == Way::Invite {
                    self.invite(by, &email, step).await
                } else {
                    self.add_person(by, &email, step).await
                };
                self.know(&email).await;
                done
            }
            Way::BulkRole => self.bulk(by, BulkAction::Role, step).await,
            Way::BulkAreas => self.bulk(by, BulkAction::Areas, step).await,
            Way::BulkReactivate => self.bulk(by, BulkAction::Reactivate, step).await,
        }
    }

    /// Whoever was invited is one of the people from now on.
    async fn know(&mut self, email: &str) {
        let mut tx = self.h.services.store.read().await.unwrap();
        let user = tx.user_by_email_key(email).await.unwrap();
        let Some(user) = user else { return };
        let member = tx.membership_of(self.organisation, user.id).await.unwrap();
        drop(tx);
        if member.is_some() {
            self.people.push(self.h.actor(user.id, email, email));
        }
    }

    /// By a list. The role is changed after places were chosen for another one; where the new places are
    /// refused, what was chosen before is tried.
    async fn invite(&self, by: &Actor, email: &str, step: &Step) -> Result<()> {
        let services = &self.h.services;
        let draft = services.start_invite(by, "rx1").await?;
        services.answer_emails(by, "rx1", draft, email).await?;
        for (role, place) in [(step.role.1, step.place.1), (step.role.0, step.place.0)] {
            let role = self.role(role).to_string();
            services.answer_role(by, "rx1", draft, &role).await.ok();
            let areas = services.answer_areas(by, "rx1", draft, places(place));
            areas.await.ok();
        }
        services.answer_message(by, "rx1", draft, "").await?;
        let At::Here(page) = services.invite_check(by, "rx1", draft).await? else {
            return Err(Error::NotFound);
        };
        let sent = services.send_invitations(by, "rx1", draft, page.version);
        sent.await?;
        while services.process_batch_step().await? {}
        Ok(())
    }

    /// Alone; otherwise the same.
    async fn add_person(&self, by: &Actor, email: &str, step: &Step) -> Result<()> {
        let services = &self.h.services;
        let details = DetailsForm {
            first_name: "New".to_owned(),
            last_name: "Person".to_owned(),
            ..DetailsForm::default()
        };
        let draft = services.start_adding(by, "rx1").await?;
        services.answer_add_email(by, "rx1", draft, email).await?;
        services
            .answer_add_details(by, "rx1", draft, details)
            .await?;
        for (role, place) in [(step.role.1, step.place.1), (step.role.0, step.place.0)] {
            let role = self.role(role).to_string();
            let answered = services.answer_add_role(by, "rx1", draft, 1, &role);
            answered.await.ok();
            let areas = services.answer_add_areas(by, "rx1", draft, 1, places(place));
            areas.await.ok();
        }
        let At::Here(page) = services.add_check_page(by, "rx1", draft).await? else {
            return Err(Error::NotFound);
        };
        match services.add_person(by, "rx1", draft, page.version).await? {
            At::Here(()) => Ok(()),
            At::Elsewhere(_) => Err(Error::NotFound),
        }
    }

    /// For everybody whom they see, those who are deactivated too.
    async fn bulk(&self, by: &Actor, action: BulkAction, step: &Step) -> Result<()> {
        let services = &self.h.services;
        let started = services.start_bulk(by, "rx1", action, Vec::new(), Some("?status=all"));
        let draft = started.await?.draft;
        if action == BulkAction::Role {
            for role in [step.role.1, step.role.0] {
                let role = self.role(role).to_string();
                let answered = services.answer_bulk_role(by, "rx1", draft, &role);
                answered.await.ok();
                let areas = services.answer_bulk_areas(by, "rx1", draft, places(step.place.1));
                areas.await.ok();
            }
            let why = services.answer_bulk_role_reason(by, "rx1", draft, "Covers for Sam");
            why.await?;
        }
        if action != BulkAction::Reactivate {
            let areas = services.answer_bulk_areas(by, "rx1", draft, places(step.place.0));
            areas.await.ok();
        }
        let bulk::At::Here(page) = services.bulk_check(by, "rx1", draft).await? else {
            return Err(Error::NotFound);
        };
        let confirmed = services.confirm_bulk(by, "rx1", draft, &page.version, true);
        confirmed.await?;
        while services.process_bulk_step().await? {}
        Ok(())
    }
}
