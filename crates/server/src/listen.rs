//! Listening: at most so many connections, none of which may dawdle.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use access::Network;
use axum::Router;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tower::ServiceExt;
use tracing::{debug, warn};

use crate::App;
use crate::door::device_cookie;
use crate::tls::Tls;

/// What is known of a connection; requests made inside the hub have none.
#[derive(Clone, Debug, Default)]
struct Line {
    /// The address at the other end, without the port.
    address: String,
    /// SHA-256 of the client certificate that was verified, if there was one.
    certificate: Option<[u8; 32]>,
}

/// Who is at the other end of a connection, and what their terminal shows of itself.
#[derive(Clone, Debug)]
pub(crate) struct Peer {
    /// The address, without the port.
    pub(crate) address: String,
    /// The kind of network that it belongs to.
    pub(crate) network: Network,
    /// The secret that the terminal was given, if it shows one.
    pub(crate) secret: Option<String>,
    /// SHA-256 of the client certificate that was verified, if there was one.
    pub(crate) certificate: Option<[u8; 32]>,
}

impl FromRequestParts<Arc<App>> for Peer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Infallible> {
        let Line { address, certificate } = parts.extensions.get().cloned().unwrap_or_default();
        let network = app.networks.of(&address);
        let secret = device_cookie(app, &parts.headers).map(str::to_owned);
        Ok(Self { address, network, secret, certificate })
    }
}

/// Connections held open at once.
const CONNECTIONS: usize = 1024;
/// A request's headers must be complete within this, and a kept-alive connection speak again.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// Requests in flight get this long to finish when the hub stops.
const GRACE: Duration = Duration::from_secs(10);

/// Where to listen, and whether by TLS.
pub struct Listening {
    listener: TcpListener,
    tls: Option<Tls>,
}

impl From<TcpListener> for Listening {
    fn from(listener: TcpListener) -> Self {
        Self { listener, tls: None }
    }
}

impl Listening {
    /// By TLS, if there is any.
    pub fn with(self, tls: Option<Tls>) -> Self {
        Self { tls, ..self }
    }
}

/// Serves until `stop` resolves, then lets requests in flight finish.
pub async fn serve(listening: impl Into<Listening>, router: Router, stop: impl Future<Output = ()>) {
    let Listening { listener, tls } = listening.into();
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let mut stop = std::pin::pin!(stop);
    loop {
        let place = tokio::select! {
            place = Arc::clone(&places).acquire_owned() => place.expect("the semaphore is never closed"),
            () = &mut stop => break,
        };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        let (stream, address) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                warn!(%error, "could not accept a connection");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let _ = stream.set_nodelay(true);
        let (router, tls, watcher) = (router.clone(), tls.clone(), graceful.watcher());
        let address = address.ip().to_string();
        tokio::spawn(async move {
            match tls {
                None => attend(stream, Line { address, certificate: None }, router, watcher).await,
                Some(tls) => match tokio::time::timeout(HEADER_TIMEOUT, tls.accept(stream)).await {
                    Ok(Ok((stream, certificate))) => {
                        attend(stream, Line { address, certificate }, router, watcher).await;
                    }
                    Ok(Err(error)) => debug!(%error, "a connection was not let in"),
                    Err(_) => debug!("a connection did not shake hands in time"),
                },
            }
            drop(place);
        });
    }
    tokio::select! {
        () = graceful.shutdown() => {}
        () = tokio::time::sleep(GRACE) => warn!("some requests were still in flight"),
    }
}

/// Answers what one connection asks, until it ends.
async fn attend(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    line: Line,
    router: Router,
    watcher: Watcher,
) {
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let mut request = request.map(axum::body::Body::new);
        request.extensions_mut().insert(line.clone());
        router.clone().oneshot(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_buf_size(64 << 10)
        .serve_connection(TokioIo::new(stream), service);
    if let Err(error) = watcher.watch(connection).await {
        debug!(%error, "a connection ended early");
    }
}
