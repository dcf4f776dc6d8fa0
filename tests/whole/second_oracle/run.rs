//! Asks both servers one statement after the other and tells what came of it. A number decides everything about a
//! statement, so that one can be asked again alone: the first numbers go through the grammar rule by rule.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use tokio_postgres::{Client, Config, NoTls};

use super::asking::{Said, ask, ask_simply};
use super::grow::Grower;
use super::judge::{Difference, Verdict, judge};
use super::rules::Grammar;
use super::shrink::smaller;
use super::tree::{Node, Written};

/// Sections whose rules are no expressions by themselves.
const PARTS: [&str; 9] = ["pat", "regex", "similar", "format", "nformat", "unit", "field", "agg", "any"];
/// Statements about each rule before any are drawn from the whole grammar.
const PER_RULE: u64 = 2;
/// Questions spent on cutting one statement down.
const PATIENCE: usize = 160;

/// The session both servers work in.
const SESSION: &str = "set timezone = 'Asia/Shanghai'";

/// A statement with both answers.
#[derive(Debug)]
pub struct Compared {
    pub statement: Written,
    pub rules: Vec<usize>,
    pub verdict: Verdict,
    pub postgres: Said,
    pub ours: Said,
}

/// Connections to both servers, used by one statement at a time.
pub struct Lane {
    postgres: Client,
    ours: Client,
    again: Config,
}

async fn connect(config: &Config) -> Result<Client, tokio_postgres::Error> {
    let (client, connection) = config.connect(NoTls).await?;
    tokio::spawn(connection);
    client.batch_execute(SESSION).await?;
    Ok(client)
}

/// A statement with what has to be known to judge it.
struct Question {
    node: Node,
    ordered: bool,
    /// Also as the simple protocol shows it.
    as_text: bool,
}

impl Lane {
    pub async fn open(postgres: &Config, ours: &Config, schema: &str) -> Result<Self, tokio_postgres::Error> {
        let client = connect(postgres).await?;
        client.batch_execute(&format!("set search_path = {schema}; set statement_timeout = '15s'")).await?;
        Ok(Self { postgres: client, ours: connect(ours).await?, again: ours.clone() })
    }

    /// Draws and asks statement `number`, and where the answers differ the least one that still differs.
    pub async fn statement(
        &mut self,
        grammar: &Grammar,
        seed: u64,
        number: u64,
        explained: &dyn Fn(&Compared) -> bool,
    ) -> (Compared, Option<Compared>) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(number);
        let of_rules = rules(grammar);
        let mut grower = Grower::new(grammar, &mut rng);
        let (node, ordered) = match of_rules.get(usize::try_from(number / PER_RULE).unwrap_or(usize::MAX)) {
            Some((rule, section)) => grower.statement_with(*rule, section),
            None => grower.statement(),
        };
        let question = Question { node, ordered, as_text: number % 4 == 3 };
        let found = self.compare(&question).await;
        // What we refuse is known by our words; everything else by the least statement that shows it.
        let least = match found.verdict {
            Verdict::Differs(Difference::Refused) if explained(&found) => None,
            Verdict::Differs(how) => Some(self.least(question, how, &found).await),
            _ => None,
        };
        (found, least)
    }

    /// Asks a statement as it is written.
    pub async fn written(&mut self, sql: &str) -> Compared {
        let statement = Written { sql: sql.to_owned(), bound: Vec::new() };
        self.ask(statement, Vec::new(), false, false).await
    }

    async fn compare(&mut self, question: &Question) -> Compared {
        let rules = question.node.rules().into_iter().collect();
        self.ask(question.node.written(), rules, question.ordered, question.as_text).await
    }

    async fn ask(&mut self, statement: Written, rules: Vec<usize>, ordered: bool, as_text: bool) -> Compared {
        let postgres = ask(&self.postgres, &statement).await;
        let ours = ask(&self.ours, &statement).await;
        if self.ours.is_closed() || matches!(ours, Said::Broken(_)) {
            self.ours = connect(&self.again)
                .await
                .unwrap_or_else(|error| panic!("after {}: {error}", statement.told()));
        }
        let verdict = judge(&postgres, &ours, ordered);
        let compared = Compared { statement, rules, verdict, postgres, ours };
        if !as_text || compared.verdict != Verdict::Same || !compared.statement.bound.is_empty() {
            return compared;
        }
        let with_classes = |said: Said| match (said, &compared.postgres) {
            (Said::Rows { rows, .. }, Said::Rows { classes, .. }) => {
                Said::Rows { classes: classes.clone(), rows }
            }
            (other, _) => other,
        };
        let postgres = with_classes(ask_simply(&self.postgres, &compared.statement.sql).await);
        let ours = with_classes(ask_simply(&self.ours, &compared.statement.sql).await);
        Compared { verdict: judge(&postgres, &ours, ordered), postgres, ours, ..compared }
    }

    /// Cuts as long as the answers differ in the same way.
    async fn least(&mut self, question: Question, how: Difference, found: &Compared) -> Compared {
        let first = words(&found.ours);
        let mut least = question;
        let mut shown = self.compare(&least).await;
        let mut asked = 0;
        'cutting: loop {
            for node in smaller(&least.node) {
                asked += 1;
                if asked > PATIENCE {
                    return shown;
                }
                // Cut down to one column, rows have no order any more.
                let ordered = least.ordered && node.rule == least.node.rule;
                let candidate = Question { node, ordered, as_text: least.as_text };
                let compared = self.compare(&candidate).await;
                if compared.verdict == Verdict::Differs(how) && words(&compared.ours) == first {
                    (least, shown) = (candidate, compared);
                    continue 'cutting;
                }
            }
            return shown;
        }
    }
}

/// The words of a refusal without what changes from statement to statement.
fn words(said: &Said) -> String {
    match said {
        Said::Refused { code, words } => {
            let plain = words.chars().filter(|letter| letter.is_alphabetic() || *letter == ' ').take(24);
            format!("{code} {}", plain.collect::<String>())
        }
        _ => String::new(),
    }
}

/// The rules that can be asked by themselves, with their sections.
pub fn rules(grammar: &Grammar) -> Vec<(usize, String)> {
    let sections = grammar.sections().filter(|section| !PARTS.contains(section));
    sections
        .flat_map(|section| grammar.section(section).iter().map(move |rule| (*rule, section.to_owned())))
        .collect()
}
