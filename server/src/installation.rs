//! The composition root: from the settings to the use cases.

use std::{net::SocketAddr, sync::Arc};

use service::{Keys, Random, Services, Settings, clock::SystemClock};
use store::{Alone, Store};

use crate::{
    config::{Config, DATA_DIR, DATABASE_EXAMPLE, DATABASE_URL, Origin},
    machine,
};

/// An installation that is ready to be used.
#[derive(Clone)]
pub struct Installation {
    /// Every use case.
    pub services: Services,
    /// Where people reach it.
    pub origin: Origin,
    /// The source of randomness.
    pub random: Random,
}

/// Why an installation cannot be opened: one line for a person.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct OpenError(String);

/// Opens the database, makes it when it is missing, and brings it to this version.
///
/// # Errors
/// When it cannot be reached or is of a newer version.
pub async fn open_store(config: &Config) -> Result<Store, OpenError> {
    let wrong = |error: store::StoreError| unusable(config, error);
    let store = Store::connect(config.database.expose())
        .await
        .map_err(wrong)?;
    store.migrate().await.map_err(wrong)?;
    Ok(store)
}

/// Opens the data folder and the key file, and makes them when they are missing.
///
/// # Errors
/// When one of them cannot be used.
pub fn open_files(config: &Config) -> Result<Keys, OpenError> {
    machine::private_folder(&config.data_dir).map_err(|error| {
        OpenError(format!(
            "{DATA_DIR} is {}, which cannot be made: {error}. Example: {DATA_DIR}=data",
            config.data_dir.display()
        ))
    })?;
    machine::keys(&config.key_file).map_err(|error| OpenError(error.to_string()))
}

/// The line about a database that cannot be used.
pub fn unusable(config: &Config, error: impl Into<service::Error>) -> OpenError {
    let why = match error.into() {
        service::Error::Unavailable(why) => why,
        service::Error::Store(error) => error.plain(),
        other => other.to_string(),
    };
    OpenError(format!(
        "{DATABASE_URL} is {}, which cannot be used: {why}. Example: {DATABASE_URL}={DATABASE_EXAMPLE}",
        config.database
    ))
}

impl Installation {
    /// Opens an installation whose server listens at `address`.
    ///
    /// # Errors
    /// When the key file or the database cannot be used.
    pub async fn open(config: &Config, address: SocketAddr) -> Result<Self, OpenError> {
        // Several libraries could bring their own TLS: they all get this one.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let keys = open_files(config)?;
        let random = machine::random().map_err(|error| OpenError(error.to_string()))?;
        let store = open_store(config).await?;
        let origin = config.origin(address);
        let services = Services::new(
            store,
            Arc::new(SystemClock),
            random.clone(),
            keys,
            Settings {
                public_origin: origin.as_str().to_owned(),
                service_name: config.service_name.clone(),
            },
        );
        Ok(Self {
            services,
            origin,
            random,
        })
    }

    /// Makes sure that this is the only server where only one may work, and frees what an earlier
    /// one was killed with. The installation is this server's until what is returned is dropped.
    ///
    /// # Errors
    /// When another server is at work, or the database cannot be written.
    pub async fn take_over(&self, config: &Config) -> Result<Alone, OpenError> {
        let alone = self
            .services
            .store()
            .hold_alone()
            .map_err(|error| unusable(config, error))?;
        if alone.is_certain() {
            self.services
                .free_all_claims()
                .await
                .map_err(|error| unusable(config, error))?;
        }
        Ok(alone)
    }
}
