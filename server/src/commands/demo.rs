//! `lanyard demo`, and what `lanyard serve --demo` prints.

use service::{Services, demo::Demo};

use super::{Failure, request};
use crate::{config::Config, installation::Installation};

pub(super) async fn run(config: &Config) -> Result<(), Failure> {
    let installation = Installation::open(config, config.address).await?;
    let demo = seed(&installation.services).await?;
    installation.services.store().close().await;
    if !demo.is_new {
        return Err(Failure(format!(
            "the database {} has organisations already: the demo needs an empty one",
            config.database
        )));
    }
    print(&demo);
    println!("Start it with: lanyard serve --demo");
    Ok(())
}

/// Makes the demo, when the database is empty.
pub(super) async fn seed(services: &Services) -> Result<Demo, Failure> {
    Ok(services.seed_demo(&request()).await?)
}

/// Whom to sign in as.
pub(super) fn print(demo: &Demo) {
    println!(
        "Sign in as one of these people; the password of all is: {}",
        demo.password
    );
    let width = demo
        .people
        .iter()
        .map(|person| person.email.len())
        .max()
        .unwrap_or(0);
    for person in &demo.people {
        println!("  {:width$}  {}", person.email, person.what);
    }
}
