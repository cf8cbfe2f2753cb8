//! The `lanyard` command.

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let store = store::Store::in_memory().await?;
    let services = service::Services::new(
        store,
        std::sync::Arc::new(service::clock::SystemClock),
        service::Random::from_seed([1; 32]),
        service::Keys::derive(&[1; 32]),
        service::Settings {
            public_origin: "http://127.0.0.1:3000".into(),
            service_name: "Lanyard".into(),
        },
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    axum::serve(
        listener,
        server::web::router(services, std::path::Path::new("target/site")),
    )
    .await?;
    Ok(())
}
