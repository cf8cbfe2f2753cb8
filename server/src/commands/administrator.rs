//! `lanyard create-administrator`

use clap::Args;
use domain::{EmailAddress, organisation::OrganisationCode, wording};
use service::{By, Conflict, Error};

use super::{Failure, request};
use crate::{config::Config, installation::Installation};

#[derive(Args, Debug)]
pub(super) struct Administrator {
    /// The organisation's code, like RX1
    #[arg(long)]
    organisation: String,
    /// The person's email address
    #[arg(long)]
    email: String,
}

impl Administrator {
    pub(super) async fn run(self, config: &Config) -> Result<(), Failure> {
        let Self {
            organisation,
            email,
        } = self;
        let nobody = || {
            Failure(format!(
                "--organisation {organisation:?} is not the code of an organisation here. Make one with: lanyard organisation create"
            ))
        };
        let code = OrganisationCode::parse(&organisation).map_err(|_| nobody())?;
        let email = EmailAddress::parse(&email).map_err(|_| {
            Failure(format!(
                "--email {email:?} is not an email address, like name@nhs.net"
            ))
        })?;
        let installation = Installation::open(config, config.address).await?;
        let services = &installation.services;
        let by = By::system(&request());
        let made = services
            .create_administrator(&by, &code.slug(), &email)
            .await;
        services.store().close().await;
        match made {
            Ok(link) => {
                println!(
                    "{} can register as administrator of {} with this link, until {}:",
                    email.as_str(),
                    code.as_str(),
                    wording::date_and_time(link.expires_at)
                );
                println!("{}", link.url);
                Ok(())
            }
            Err(Error::NotFound) => Err(nobody()),
            Err(Error::Conflict(Conflict::AlreadyMember)) => Err(Failure(format!(
                "{} is active there already: another administrator can give them the role",
                email.as_str()
            ))),
            Err(Error::Invalid(_)) => Err(Failure(format!(
                "{} cannot be invited: {} takes addresses of some domains only",
                email.as_str(),
                code.as_str()
            ))),
            Err(Error::Conflict(Conflict::RoleFull)) => Err(Failure(format!(
                "every place of the managing role of {} is taken: somebody there can deactivate or change one",
                code.as_str()
            ))),
            Err(error) => Err(error.into()),
        }
    }
}
