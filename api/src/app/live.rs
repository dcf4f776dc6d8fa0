//! The running server under changing definitions: follows the newest applied set, puts an application for it in the place of
//! the one before, and moves the background work over. Requests under way end on the application they began with.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use tower::ServiceExt;

use super::current::Current;
use super::services::Services;
use super::{App, OpenError};
use crate::config::Config;
use crate::problem::chain;
use crate::router::router;

/// How soon a set that another process applied is noticed.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Pause after a set could not be taken up: nothing is gained by trying every second.
const PAUSE: Duration = Duration::from_secs(30);

/// The running server's application, whichever it is at the moment.
pub struct Live {
    current: Current,
    router: RwLock<Router>,
    /// Background work of the present application, once it was started. Held while a set is taken up.
    work: Arc<Mutex<Option<Services>>>,
    following: std::sync::Mutex<Option<JoinHandle<()>>>,
}

impl Live {
    /// Opens a data folder. Starts nothing.
    pub async fn open(config: &Config) -> Result<Arc<Self>, OpenError> {
        let app = Box::pin(App::open(config)).await?;
        let live = Arc::new(Self {
            router: RwLock::new(router(app.clone())),
            current: Current::from(app.clone()),
            work: Arc::default(),
            following: std::sync::Mutex::default(),
        });
        // Nobody else has this application yet, so the place is empty.
        let _ = app.live.set(Arc::downgrade(&live));
        Ok(live)
    }

    /// The present application.
    pub fn app(&self) -> Arc<App> {
        self.current.app()
    }

    /// Where the present application is found.
    pub fn current(&self) -> Current {
        self.current.clone()
    }

    /// Routes every request to the application that is the present one when it arrives.
    pub fn router(self: &Arc<Self>) -> Router {
        let live = self.clone();
        Router::new().fallback(move |request: Request| {
            let router = live.router.read().unwrap_or_else(PoisonError::into_inner).clone();
            answered(router, request)
        })
    }

    /// Starts background work and looks for newly applied sets from now on.
    pub async fn start(self: &Arc<Self>) {
        let mut work = self.work.lock().await;
        if work.is_none() {
            *work = Some(self.app().start_services().await);
        }
        drop(work);
        let following = tokio::spawn(self.clone().follow());
        *self.following.lock().unwrap_or_else(PoisonError::into_inner) = Some(following);
    }

    /// Stops everything and waits for what must come to its end.
    pub async fn stop(&self) {
        self.app().stop.cancel();
        let following = self.following.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(following) = following
            && let Err(error) = following.await
        {
            tracing::error!(error = %error, "following applied definitions ended badly");
        }
        if let Some(services) = self.work.lock().await.take() {
            services.stop().await;
        }
    }

    /// Takes the newest applied set up, if it is not in use yet; the number in use. Comes back when new requests are answered
    /// by it; background work moves over afterwards.
    pub async fn take_up(&self) -> Result<i64, OpenError> {
        let mut work = self.work.clone().lock_owned().await;
        let app = self.app();
        let Some(in_use) = app.desk.newer_than(app.applied).await? else { return Ok(app.applied) };
        let next = Box::pin(app.renewed(in_use)).await?;
        self.current.set(next.clone());
        *self.router.write().unwrap_or_else(PoisonError::into_inner) = router(next.clone());
        next.lake.announce();
        let number = next.applied;
        tracing::info!(definitions.number = number, definitions.before = app.applied, "definitions taken up");
        if let Some(before) = work.take() {
            // Whoever waits for the answer need not wait for a large file to be loaded to its end.
            tokio::spawn(async move {
                before.end().await;
                *work = Some(next.start_services().await);
            });
        }
        Ok(number)
    }

    async fn follow(self: Arc<Self>) {
        let stop = self.app().stop.clone();
        let mut pause = LOOK_EVERY;
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
            pause = match self.look().await {
                Ok(()) => LOOK_EVERY,
                Err(error) => {
                    tracing::error!(error = %chain(&error), "applied definitions are not taken up; the ones before stay in use");
                    PAUSE
                }
            };
        }
    }

    async fn look(&self) -> Result<(), OpenError> {
        let app = self.app();
        if app.desk.newest_number().await? != app.applied {
            Box::pin(self.take_up()).await?;
        }
        Ok(())
    }
}

async fn answered(router: Router, request: Request) -> axum::response::Response {
    match router.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}
