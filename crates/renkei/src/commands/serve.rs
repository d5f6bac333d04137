use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use exchange::{Judges, SimulatedCentre};
use server::{App, Listening};
use store::{Keyring, Store};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tracing::{error, info};

use crate::cli::Serve;
use crate::commands::{Manner, block_on, policy, talk};
use crate::config::Config;
use crate::fault::Fault;
use crate::{hub, library};

/// Serves by a configuration until interrupted. False if the store had to stop.
pub(crate) fn run(serve: &Serve, manner: Manner) -> Result<bool, Fault> {
    let path = serve.config.config.as_path();
    let config = Config::read(path)?.with_tls(serve)?;
    let profiles = library::of_hub(config.packages(), manner)?;
    for (institution, file) in config.narrowings() {
        access::policy::narrow(institution, Some(policy::narrowing(&file, manner)?));
    }
    let store = Arc::new(open_store(&config)?);
    let centre = Arc::new(centre(&config)?);
    let terminals = config.terminals()?;
    let (networks, tls) = (config.networks(path)?, config.tls(path)?);
    block_on(async move {
        store.keep_institutions(config.institutions()).await?;
        let listener = TcpListener::bind(config.listen).await?;
        let base_url = config.base_url(listener.local_addr()?);
        let reading = tokio::spawn(read_again_when_told(Arc::clone(&centre), config.eligibility()));
        let judges = Judges::new(profiles).with_codes(config.master_codes);
        let exchange = hub::exchange(store, Box::new(centre), judges);
        let notices = config.notices();
        let place = config.place(listener.local_addr()?);
        let clock = hub::system_clock();
        let app = hub::app(exchange, &config.site, base_url.clone(), Vec::new(), notices, clock, place);
        let app = App { networks, ..app };
        talk(&format!("{} を {base_url} で待ち受けています（資格確認は simulated）", config.site));
        if tls.is_none() && !config.listen.ip().is_loopback() {
            talk(
                "注意: TLS を設定していません（renkei.toml の [tls]）。閉域網またはTLS終端の後ろだけで使ってください。",
            );
        }
        let ended_as_wished = hub::run(app, Listening::from(listener).with(tls), terminals).await;
        reading.abort();
        Ok(ended_as_wished)
    })?
}

/// The store a configuration names, with its keyring.
pub(crate) fn open_store(config: &Config) -> Result<Store, Fault> {
    Ok(Store::open(&config.database(), Keyring::open_or_create(&config.keyring())?)?)
}

/// Reads the simulated centre's table again at every SIGHUP: there persons are merged and numbers begin and end.
async fn read_again_when_told(centre: Arc<SimulatedCentre>, path: PathBuf) {
    let Ok(mut told) = signal(SignalKind::hangup()) else { return };
    while told.recv().await.is_some() {
        let read = fs::read_to_string(&path).map_err(|error| error.to_string());
        match read.and_then(|text| centre.replace(&text)) {
            Ok(()) => info!(path = %path.display(), "the table of insured numbers was read again"),
            Err(why) => error!(path = %path.display(), why, "the table of insured numbers stays as it was"),
        }
    }
}

/// The simulated centre a configuration names.
pub(crate) fn centre(config: &Config) -> Result<SimulatedCentre, Fault> {
    let path = config.eligibility();
    let text = fs::read_to_string(&path).map_err(|error| Fault::File(path.clone(), error))?;
    SimulatedCentre::from_csv(&text).map_err(|why| Fault::Config(path, why))
}
