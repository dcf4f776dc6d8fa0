//! The work beside requests: feeds, maintenance of the lake, report schedules, warm-up of the boards.

use std::sync::Arc;
use std::time::Duration;

use pujiang_reports::Schedules;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::App;
use crate::boards::BoardRequest;
use crate::problem::chain;

/// How often answers to older data are looked for at the most.
const FORGET_EVERY: Duration = Duration::from_secs(5);

/// Running background work of one application.
pub struct Services {
    app: Arc<App>,
    stop: CancellationToken,
    maintenance: JoinHandle<()>,
    stop_maintenance: watch::Sender<bool>,
    feeds: Vec<JoinHandle<()>>,
    schedules: Option<Schedules>,
    warm_up: JoinHandle<()>,
    forgetting: JoinHandle<()>,
    watching: JoinHandle<()>,
}

impl App {
    /// Starts everything; a part that cannot start is logged and does not keep the others from working.
    pub async fn start_services(self: &Arc<Self>) -> Services {
        let stop = self.stop.child_token();
        let (stop_maintenance, stopped) = watch::channel(false);
        let maintenance = self.lake.spawn_maintenance(stopped);
        let feeds = self.feeds.spawn_watch(stop.clone());
        let schedules = match self.reports.start_schedules().await {
            Ok(schedules) => Some(schedules),
            Err(error) => {
                tracing::error!(error = %chain(&error), "report schedules do not run");
                None
            }
        };
        self.look_for_lost_roles().await;
        let app = self.clone();
        let warm_up = tokio::spawn(async move { Box::pin(app.warm_up()).await });
        let forgetting = tokio::spawn(self.clone().forget_older_answers());
        let watching = tokio::spawn(self.space.clone().watch(stop.clone()));
        Services {
            app: self.clone(),
            stop,
            maintenance,
            stop_maintenance,
            feeds,
            schedules,
            warm_up,
            forgetting,
            watching,
        }
    }

    /// Each commit makes answers that nobody can ask for any more: they go before they fill the memory.
    async fn forget_older_answers(self: Arc<Self>) {
        let mut changes = self.lake.changes();
        while changes.changed().await.is_ok() {
            self.metrics.forget_older();
            self.board_answers.forget_older(&self.lake.versions());
            tokio::time::sleep(FORGET_EVERY).await;
        }
    }

    /// Loads rollups and evaluates every board once for the city, so that the first reader does not wait.
    async fn warm_up(self: Arc<Self>) {
        let started = std::time::Instant::now();
        let reader = match self.readers().await {
            Ok(readers) => readers.into_iter().next(),
            Err(error) => {
                tracing::warn!(error = %chain(&error), "boards are not warmed up");
                return;
            }
        };
        let Some(reader) = reader else { return };
        if let Err(error) = self.metrics.warm(&reader).await {
            tracing::warn!(error = %chain(&error), "boards are not warmed up");
            return;
        }
        let request = BoardRequest::default();
        for board in self.boards.iter() {
            let answer = self.board_answers.answer(board, &self.metrics, &reader, &request);
            if let Err(error) = answer.await {
                tracing::warn!(board.id = board.id, error = %error, "board is not warmed up");
            }
        }
        tracing::info!(duration_ms = started.elapsed().as_millis() as u64, "boards warmed up");
    }
}

impl Services {
    /// Stops the process's work and waits for what must come to its end.
    pub async fn stop(self) {
        self.app.stop.cancel();
        self.end().await;
    }

    /// Ends this work and waits for what must come to its end; the rest of the process goes on.
    pub async fn end(self) {
        self.stop.cancel();
        self.warm_up.abort();
        self.forgetting.abort();
        // A receiver that is gone has stopped already.
        let _ = self.stop_maintenance.send(true);
        if let Some(schedules) = self.schedules
            && let Err(error) = schedules.stop().await
        {
            tracing::warn!(error = %chain(&error), "report schedules did not stop cleanly");
        }
        for task in self.feeds.into_iter().chain([self.maintenance, self.watching]) {
            if let Err(error) = task.await
                && error.is_panic()
            {
                tracing::error!(error = %error, "background work panicked");
            }
        }
    }
}
