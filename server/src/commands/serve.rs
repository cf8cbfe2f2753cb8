//! `lanyard serve`

use std::{path::Path, time::Duration};

use clap::Args;
use tokio::{net::TcpListener, sync::watch};

use super::Failure;
use crate::{
    config::{ADDR, Config, DEFAULT_SITE, PUBLIC_ORIGIN},
    installation::Installation,
    mail::Post,
    serving,
    web::{self, WebSettings},
    worker::Worker,
};

/// Time for messages on their way when the program is told to stop; what is not sent by then is
/// sent after the next start.
const WORKER_TIME: Duration = Duration::from_secs(8);

#[derive(Args, Debug)]
pub(super) struct Serve {
    /// Fill an empty database with made-up organisations, and print whom to sign in as
    ///
    /// Messages are captured, never sent.
    #[arg(long)]
    demo: bool,
}

impl Serve {
    pub(super) async fn run(self, config: Config) -> Result<(), Failure> {
        let site = config.built_site();
        if config.site_dir != Path::new(DEFAULT_SITE) {
            site.clone().map_err(Failure)?;
        }
        let listener = TcpListener::bind(config.address).await.map_err(|error| {
            Failure(format!(
                "{ADDR} is {}, where the server cannot listen: {error}. Example: {ADDR}=127.0.0.1:3001",
                config.address
            ))
        })?;
        let address = listener.local_addr()?;
        let installation = Installation::open(&config, address).await?;
        let alone = installation.take_over(&config).await?;
        installation
            .services
            .ensure_terms(&super::request())
            .await?;
        let post = Post::new(&config, &installation.origin, self.demo).map_err(Failure)?;
        let (stop, stopping) = watch::channel(false);
        let settings = WebSettings {
            origin: installation.origin.clone(),
            trusted_proxies: config.trusted_proxies.clone(),
            site: config.site_dir.clone(),
            mailbox: post.mailbox(),
            stopping: stopping.clone(),
        };
        let router = web::router(
            installation.services.clone(),
            installation.random.clone(),
            settings,
        );
        tokio::spawn(async move {
            told_to_stop().await;
            let _ = stop.send(true);
        });
        let demo = if self.demo {
            Some(super::demo::seed(&installation.services).await?)
        } else {
            None
        };
        let set_up = installation.services.set_up_link().await?;
        println!("Lanyard is running at {}", installation.origin);
        if let Some(demo) = demo {
            super::demo::print(&demo);
        }
        if let Some(link) = set_up {
            println!(
                "There are no organisations yet. Set up the first one with this link, within 1 hour:"
            );
            println!("{}", link.url);
        }
        if let Err(missing) = site {
            println!("Pages have no style yet. {missing}");
        }
        if !installation.origin.is_secure() && !installation.origin.is_loopback() {
            println!("Browsers keep people signed in over https only: set {PUBLIC_ORIGIN}");
        }
        if post.mailbox().is_some() {
            println!(
                "Messages are captured, not sent: {}/dev/mail",
                installation.origin
            );
        }
        let worker = Worker::new(installation.services.clone(), post).run(stopping.clone());
        let worker = tokio::spawn(worker);
        let mut heard = stopping.clone();
        serving::serve(listener, router, async move {
            let _ = heard.wait_for(|stop| *stop).await;
        })
        .await;
        if tokio::time::timeout(WORKER_TIME, worker).await.is_err() {
            tracing::warn!("the worker did not finish in time");
        }
        installation.services.store().close().await;
        drop(alone);
        println!("Lanyard has stopped.");
        Ok(())
    }
}

/// Ends at Ctrl+C, or when the system asks the program to end.
async fn told_to_stop() {
    let interrupted = async {
        let _ = tokio::signal::ctrl_c().await;
    };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminated) => {
                tokio::select! {
                    () = interrupted => {}
                    _ = terminated.recv() => {}
                }
            }
            Err(_) => interrupted.await,
        }
    }
    #[cfg(not(unix))]
    interrupted.await;
}
