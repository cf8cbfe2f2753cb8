//! The person's own details (B13): names, mobile number and password. The email address is the
//! invitation's and no part of the form (B14, R21).

use domain::{
    password::personal_words,
    registration::{RegistrationDetailsForm, RegistrationStep},
};

use crate::{Error, Result, Services, passwords::check_new_password};

impl Services {
    /// Takes the details. The password is hashed at once and kept nowhere else. Coming back to
    /// this page later changes the details; a second factor that hangs on a mobile number that
    /// was changed has to be proved anew.
    ///
    /// # Errors
    /// What is wrong with the form; [`crate::Error::Expired`] (`registration`) when the journey is
    /// over.
    pub async fn give_registration_details(
        &self,
        flow: &str,
        form: RegistrationDetailsForm,
    ) -> Result<RegistrationStep> {
        let rules = {
            let mut tx = self.store.read().await?;
            let journey = self.journey(&mut tx, flow, None).await?;
            journey.require(RegistrationStep::Details)?;
            journey.rules()?
        };
        let words = personal_words(
            form.first_name.trim(),
            form.last_name.trim(),
            Some(&rules.email),
            &rules.organisation_name,
            &rules.organisation_code,
        );
        let checked = form.validate(&rules);
        let password = check_new_password(&form.password, rules.password_min as usize, &words);
        // Everything that is wrong is said at once.
        let (details, password) = match (checked, password) {
            (Ok(details), Ok(password)) => (details, password),
            (Ok(_), Err(code)) => return Err(Error::violation("password", code)),
            (Err(mut wrong), password) => {
                if let Err(code) = password
                    && !wrong.iter().any(|violation| violation.field == "password")
                {
                    wrong.add("password", code);
                }
                return Err(wrong.into());
            }
        };
        // Outside of the transaction: hashing takes its time, and nobody else shall wait for it.
        let hash = self.hashing.hash(password, &self.random).await?;

        let mut tx = self.store.write().await?;
        let mut journey = self.journey_to_change(&mut tx, flow).await?;
        journey.require(RegistrationStep::Details)?;
        let mobile = details.mobile.map(|mobile| mobile.as_str().to_owned());
        let answers = &mut journey.answers;
        if answers.mobile != mobile && answers.method == Some(domain::SecondFactorKind::Sms) {
            answers.forget_method();
        }
        answers.first_name = details.first_name.as_str().to_owned();
        answers.last_name = details.last_name.as_str().to_owned();
        answers.mobile_typed = match &mobile {
            Some(_) => form.mobile.trim().to_owned(),
            None => String::new(),
        };
        answers.mobile = mobile;
        journey.row.password_hash = Some(hash);
        // With a single way of getting codes there is nothing to choose.
        if let [only] = journey.methods()[..]
            && journey.answers.method.is_none()
        {
            self.choose(&mut tx, &mut journey, only).await?;
        }
        self.save(&mut tx, &mut journey).await?;
        tx.commit().await?;
        Ok(journey.step())
    }
}
