//! The crowd: each client asks, waits for the answer, thinks, and asks again.

use std::rc::Rc;
use std::time::{Duration, Instant};

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tokio::task::LocalSet;

use super::calm::{Question, Scope};
use super::figures::{Figures, own_time};
use super::http::{Answer, Connection};
use super::{Manner, Tags};

/// Lets every token's client ask for that long.
pub async fn ask(
    server: &str,
    scopes: &[Rc<Scope>],
    tokens: &[String],
    manner: Manner,
    lasting: Duration,
) -> Figures {
    let mut connections = Vec::new();
    for _ in tokens {
        connections.push(Connection::open(server).await.unwrap());
    }
    let (begun, own) = (Instant::now(), own_time());
    let crowd = LocalSet::new();
    let clients: Vec<_> = connections
        .into_iter()
        .zip(tokens)
        .enumerate()
        .map(|(number, (connection, token))| {
            let scope = scopes[number % scopes.len()].clone();
            let client = Client {
                connection,
                requests: scope
                    .questions
                    .iter()
                    .map(|question| question.request(token, manner.tags))
                    .collect(),
                scope,
                manner,
                random: ChaCha8Rng::seed_from_u64(number as u64),
            };
            crowd.spawn_local(client.run(begun + lasting))
        })
        .collect();
    let mut figures = Figures::default();
    crowd
        .run_until(async {
            for client in clients {
                figures.merge(client.await.unwrap());
            }
        })
        .await;
    figures.elapsed = begun.elapsed();
    figures.own = own_time() - own;
    figures
}

struct Client {
    connection: Connection,
    requests: Vec<Vec<u8>>,
    scope: Rc<Scope>,
    manner: Manner,
    random: ChaCha8Rng,
}

impl Client {
    async fn run(mut self, until: Instant) -> Figures {
        let mut figures = Figures::default();
        // Nobody begins at the same moment as everybody.
        let first = self.manner.think.as_secs_f64() * self.random.random::<f64>();
        self.pause(first).await;
        while Instant::now() < until {
            let at = self.random.random_range(0..self.requests.len());
            let sent = Instant::now();
            let answer = self.connection.ask(&self.requests[at]).await.unwrap();
            figures.took.push(u32::try_from(sent.elapsed().as_micros()).unwrap_or(u32::MAX));
            match expected(&answer, &self.scope.questions[at], self.manner.tags) {
                Some(Outcome::Unchanged) => figures.unchanged += 1,
                Some(Outcome::Whole) => {}
                None => figures.wrong += 1,
            }
            let think = self.manner.think.as_secs_f64() * (0.5 + self.random.random::<f64>());
            self.pause(think).await;
        }
        figures
    }

    async fn pause(&self, seconds: f64) {
        if seconds > 0.0 {
            tokio::time::sleep(Duration::from_secs_f64(seconds)).await;
        }
    }
}

enum Outcome {
    Whole,
    Unchanged,
}

/// How a right answer came; `None` for a wrong one.
fn expected(answer: &Answer, question: &Question, tags: Tags) -> Option<Outcome> {
    let same_tag = answer.etag == question.answer.etag;
    match (answer.status, tags) {
        (200, Tags::Without) => (same_tag && answer.body == question.answer.body).then_some(Outcome::Whole),
        (304, Tags::With) => (same_tag && answer.body.is_empty()).then_some(Outcome::Unchanged),
        _ => None,
    }
}
