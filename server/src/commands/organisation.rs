//! `lanyard organisation create`

use clap::{Args, Subcommand, builder::PossibleValuesParser};
use domain::organisation::{OrganisationCode, OrganisationName};
use service::{By, presets::Preset};

use super::{Failure, request};
use crate::{config::Config, installation::Installation};

#[derive(Subcommand, Debug)]
pub(super) enum Organisation {
    /// Make an organisation from a preset
    ///
    /// It starts with the preset's service, roles and settings, without areas and without people.
    /// Invite its first administrator with `lanyard create-administrator`.
    #[command(
        after_help = "Examples:\n  lanyard organisation create --preset self-registration --code RX1 --name \"Hollybrook Hospital\"\n  lanyard organisation create --preset nhs-jobs --code RJ1 --name \"Larchwood Health Trust\"\n  lanyard organisation create --preset ravs --code FGP --name \"Greenwood Pharmacy Group\""
    )]
    Create(Create),
}

#[derive(Args, Debug)]
pub(super) struct Create {
    /// The named starting set of roles and settings
    #[arg(long, value_parser = PossibleValuesParser::new(Preset::ALL.iter().map(|preset| preset.as_str())))]
    preset: String,
    /// Its code: an ODS code, or another short word of letters and numbers
    #[arg(long)]
    code: String,
    /// Its name, as people know it
    #[arg(long)]
    name: String,
}

impl Organisation {
    pub(super) async fn run(self, config: &Config) -> Result<(), Failure> {
        let Self::Create(Create { preset, code, name }) = self;
        let preset = Preset::parse(&preset)
            .ok_or_else(|| Failure(format!("there is no preset {preset:?}")))?;
        let code = OrganisationCode::parse(&code).map_err(|_| {
            Failure(format!(
                "--code {code:?} is not a code: use 2 to 12 letters, numbers and hyphens, like RX1"
            ))
        })?;
        let name = OrganisationName::parse(&name).map_err(|_| {
            Failure(format!(
                "--name {name:?} is not a name: use up to 150 letters, numbers and spaces"
            ))
        })?;
        let installation = Installation::open(config, config.address).await?;
        let services = &installation.services;
        let by = By::system(&request());
        let made = services
            .create_organisation(&by, preset, &code, &name)
            .await;
        services.store().close().await;
        match made {
            Ok(_) => {
                println!("{} ({}) is made.", name.as_str(), code.as_str());
                println!(
                    "Invite its first administrator: lanyard create-administrator --organisation {} --email ADDRESS",
                    code.as_str()
                );
                Ok(())
            }
            Err(service::Error::Invalid(_)) => Err(Failure(format!(
                "--code {} belongs to another organisation already",
                code.as_str()
            ))),
            Err(error) => Err(error.into()),
        }
    }
}
