//! `lanyard check`

use super::Failure;
use crate::{config::Config, installation::Installation, mail::Post};

pub(super) async fn run(config: &Config) -> Result<(), Failure> {
    let mut failed = false;
    let mut line = |what: &str, outcome: Result<String, String>| match outcome {
        Ok(text) => println!("ok      {what}: {text}"),
        Err(text) => {
            failed = true;
            println!("failed  {what}: {text}");
        }
    };
    // The settings were read before, or this would not run.
    let origin = config.origin(config.address);
    line("settings", Ok(format!("people reach it at {origin}")));
    let database = match Installation::open(config, config.address).await {
        Ok(installation) => {
            let checked = installation.services.check_writing().await;
            installation.services.store().close().await;
            checked
                .map(|()| format!("{}, up to date and writable", config.database))
                .map_err(|error| format!("{}: {error}", config.database))
        }
        Err(error) => Err(error.to_string()),
    };
    line("database", database);
    let mail = match Post::new(config, &origin, false) {
        Ok(post) => post.email.check().await,
        Err(error) => Err(error),
    };
    line(
        "mail",
        mail.map(|()| config.mail.to_string())
            .map_err(|error| format!("{}: {error}", config.mail)),
    );
    if config.site_dir.join("manifest.json").is_file() {
        line("site", Ok(config.site_dir.display().to_string()));
    } else {
        let text = format!(
            "no built site in {}: run cargo xtask build",
            config.site_dir.display()
        );
        line("site", Err(text));
    }
    if failed {
        return Err(Failure("something does not work".to_owned()));
    }
    Ok(())
}
