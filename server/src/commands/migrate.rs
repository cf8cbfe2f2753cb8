//! `lanyard migrate`

use super::Failure;
use crate::{config::Config, installation};

pub(super) async fn run(config: &Config) -> Result<(), Failure> {
    let store = installation::open_store(config).await?;
    store.close().await;
    println!("The database {} is up to date.", config.database);
    Ok(())
}
