//! Journeys up to the page that a question is about, so that whoever may go on can.

use domain::{
    bulk::BulkAction,
    id::{DraftId, UserId},
    membership::{DatesForm, DeactivateForm, DetailsForm},
};
use service::{Actor, bulk, invitations::At};

use super::Matrix;

/// A last day.
pub fn last_day() -> DatesForm {
    DatesForm {
        end_day: "1".to_owned(),
        end_month: "2".to_owned(),
        end_year: "2028".to_owned(),
        ..DatesForm::default()
    }
}

impl Matrix {
    /// The areas of a form.
    fn in_nursing(&self) -> Vec<String> {
        vec![self.nursing.to_string()]
    }

    /// A list to be invited to Nursing, up to the page of answers.
    pub async fn list(&self, by: &Actor, (email, role): (&str, &str)) -> DraftId {
        let services = &self.lanyard.services;
        let draft = services.start_invite(by, "rx1").await.unwrap();
        let answered = services.answer_emails(by, "rx1", draft, email);
        answered.await.unwrap();
        services.answer_role(by, "rx1", draft, role).await.unwrap();
        let areas = services.answer_areas(by, "rx1", draft, self.in_nursing());
        areas.await.unwrap();
        services.answer_message(by, "rx1", draft, "").await.unwrap();
        draft
    }

    /// A list with an address that is none.
    pub async fn list_with_problems(&self, by: &Actor) -> DraftId {
        let services = &self.lanyard.services;
        let draft = services.start_invite(by, "rx1").await.unwrap();
        let emails = "pat.list@nhs.net\nnot-an-address";
        let answered = services.answer_emails(by, "rx1", draft, emails);
        answered.await.unwrap();
        draft
    }

    /// One person to be added, as far as their address.
    pub async fn adding(&self, by: &Actor, email: &str) -> DraftId {
        let services = &self.lanyard.services;
        let draft = services.start_adding(by, "rx1").await.unwrap();
        let answered = services.answer_add_email(by, "rx1", draft, email);
        answered.await.unwrap();
        draft
    }

    /// The same up to the page of answers, for Nursing; with the version of that page.
    pub async fn added(&self, by: &Actor, email: &str) -> (DraftId, i64) {
        let services = &self.lanyard.services;
        let draft = self.adding(by, email).await;
        let details = DetailsForm {
            first_name: "Pat".to_owned(),
            last_name: "New".to_owned(),
            ..DetailsForm::default()
        };
        let answered = services.answer_add_details(by, "rx1", draft, details);
        answered.await.unwrap();
        let role = self.role("viewer").await;
        let answered = services.answer_add_role(by, "rx1", draft, 1, &role);
        answered.await.unwrap();
        let answered = services.answer_add_areas(by, "rx1", draft, 1, self.in_nursing());
        answered.await.unwrap();
        match services.add_check_page(by, "rx1", draft).await.unwrap() {
            At::Here(page) => (draft, page.version),
            At::Elsewhere(elsewhere) => panic!("{elsewhere:?}"),
        }
    }

    /// A change of somebody with others, with everything answered; and the version of its page of answers.
    pub async fn bulk(&self, by: &Actor, action: BulkAction, whom: UserId) -> (DraftId, String) {
        let services = &self.lanyard.services;
        let started = services.start_bulk(by, "rx1", action, vec![whom], None);
        let draft = started.await.unwrap().draft;
        match action {
            BulkAction::Role => {
                // A role that is given with a reason.
                let role = self.role("manager").await;
                let answered = services.answer_bulk_role(by, "rx1", draft, &role);
                answered.await.map(drop).unwrap();
                let answered = services.answer_bulk_areas(by, "rx1", draft, self.in_nursing());
                answered.await.map(drop).unwrap();
                let answered = services.answer_bulk_role_reason(by, "rx1", draft, "Covers");
                answered.await.map(drop).unwrap();
            }
            BulkAction::Areas => {
                let areas = vec![self.north.to_string()];
                let answered = services.answer_bulk_areas(by, "rx1", draft, areas);
                answered.await.map(drop).unwrap();
            }
            BulkAction::EndDate => {
                let answered = services.answer_bulk_dates(by, "rx1", draft, last_day());
                answered.await.map(drop).unwrap();
            }
            _ => {
                let form = DeactivateForm {
                    confirm: "yes".to_owned(),
                    reason: "on_leave".to_owned(),
                    reason_other: String::new(),
                };
                let answered = services.answer_bulk_reason(by, "rx1", draft, &form);
                answered.await.map(drop).unwrap();
            }
        }
        match services.bulk_check(by, "rx1", draft).await.unwrap() {
            bulk::At::Here(page) => (draft, page.version),
            bulk::At::Elsewhere(elsewhere) => panic!("{elsewhere:?}"),
        }
    }
}
