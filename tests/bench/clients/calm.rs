//! Before the crowd: who asks, what, and what the right answer is. The answers taken in calm are held against counts of
//! the city's own SQL by district, a road that shares neither rollups nor kept board answers with them.

use std::collections::BTreeMap;
use std::rc::Rc;

use pujiang_security::district::DISTRICTS;
use serde_json::{Value, json};

use super::Tags;
use super::http::{Answer, Connection, Request};

/// Months each client goes through.
const MONTHS: usize = 4;
const BOARD: &str = "/boards/benefit/data";

/// One question with its right answer.
pub struct Question {
    body: String,
    /// Compressed, as browsers get it.
    pub answer: Answer,
}

impl Question {
    /// The request of a session, to be sent again and again.
    pub fn request(&self, token: &str, tags: Tags) -> Vec<u8> {
        let known = self.answer.etag.as_deref().filter(|_| tags == Tags::With);
        Request { method: "POST", path: BOARD, token: Some(token), gzip: true, known, body: &self.body }
            .bytes()
    }
}

/// The rows an account sees, and its questions.
pub struct Scope {
    account: String,
    /// Asked in any order.
    pub questions: Vec<Question>,
}

/// The city and the sixteen districts.
pub async fn scopes(server: &str, password: &str) -> Vec<Rc<Scope>> {
    let mut connection = Connection::open(server).await.unwrap();
    let city = log_in(&mut connection, "city", password).await;
    let months = months(&mut connection, &city).await;
    let districts = DISTRICTS.iter().map(|district| district.code.as_str());
    let mut scopes = Vec::new();
    for code in [None].into_iter().chain(districts.map(Some)) {
        let account = code.map_or("city".to_owned(), |code| format!("d{code}"));
        let token = log_in(&mut connection, &account, password).await;
        let mut questions = Vec::new();
        for month in &months {
            let body = json!({ "period": month.name }).to_string();
            let plain = board(&mut connection, &token, &body, false).await;
            let shown = transactions(&serde_json::from_slice(&plain.body).unwrap(), &month.name);
            let counted: i64 = match code {
                None => month.counts.values().sum(),
                Some(code) => month.counts.get(code).copied().unwrap_or(0),
            };
            assert_eq!(shown, counted, "the board of {account} for {} against SQL", month.name);
            let answer = board(&mut connection, &token, &body, true).await;
            assert_eq!(answer.etag, plain.etag);
            assert!(answer.etag.is_some() && answer.body.len() < plain.body.len(), "compressed, with a tag");
            questions.push(Question { body, answer });
        }
        scopes.push(Rc::new(Scope { account, questions }));
    }
    scopes
}

/// A session for every client.
pub async fn tokens(server: &str, password: &str, scopes: &[Rc<Scope>], clients: usize) -> Vec<String> {
    let mut connection = Connection::open(server).await.unwrap();
    let mut tokens = Vec::new();
    for number in 0..clients {
        tokens.push(log_in(&mut connection, &scopes[number % scopes.len()].account, password).await);
    }
    tokens
}

async fn log_in(connection: &mut Connection, account: &str, password: &str) -> String {
    let body = json!({ "account": account, "password": password }).to_string();
    let answer = json_of(connection, None, "/session", &body).await;
    answer["token"].as_str().unwrap().to_owned()
}

async fn json_of(connection: &mut Connection, token: Option<&str>, path: &str, body: &str) -> Value {
    let request = Request { method: "POST", path, token, gzip: false, known: None, body };
    let answer = connection.ask(&request.bytes()).await.unwrap();
    assert!((200..300).contains(&answer.status), "{path}: {}", String::from_utf8_lossy(&answer.body));
    serde_json::from_slice(&answer.body).unwrap()
}

async fn board(connection: &mut Connection, token: &str, body: &str, gzip: bool) -> Answer {
    let request = Request { method: "POST", path: BOARD, token: Some(token), gzip, known: None, body };
    let answer = connection.ask(&request.bytes()).await.unwrap();
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    answer
}

struct Month {
    /// `2026-10`.
    name: String,
    /// Confirmed transactions by district.
    counts: BTreeMap<String, i64>,
}

/// The last complete months with the city's counts.
async fn months(connection: &mut Connection, city: &str) -> Vec<Month> {
    let sql = "SELECT CAST(date_trunc('month', pay_time) AS DATE) AS m, district_code, count(*) AS n \
               FROM benefit_transaction WHERE state = 'confirmed' GROUP BY 1, 2 ORDER BY 1, 2";
    let answer = json_of(connection, Some(city), "/sql", &json!({ "sql": sql }).to_string()).await;
    let mut months: BTreeMap<String, BTreeMap<String, i64>> = BTreeMap::new();
    for row in answer["rows"].as_array().unwrap() {
        let month = row[0].as_str().unwrap()[..7].to_owned();
        months.entry(month).or_default().insert(row[1].as_str().unwrap().to_owned(), number(&row[2]));
    }
    // The current month is still growing while this runs.
    let complete = months.into_iter().rev().skip(1).take(MONTHS);
    complete.map(|(name, counts)| Month { name, counts }).collect()
}

fn number(value: &Value) -> i64 {
    value.as_i64().or_else(|| value.as_str()?.parse().ok()).unwrap_or_else(|| panic!("{value} is no number"))
}

/// The figure of the tile `transactions` for a month.
fn transactions(board: &Value, month: &str) -> i64 {
    let tile = &board["tiles"]["transactions"];
    let columns = tile["columns"].as_array().unwrap();
    let at = |id: &str| columns.iter().position(|column| column["id"] == id || column["name"] == id);
    let place = at("S1-U03").unwrap_or_else(|| panic!("{tile}"));
    let row = tile["rows"].as_array().unwrap().iter().find(|row| {
        row.as_array().unwrap().iter().any(|cell| cell.as_str().is_some_and(|text| text.starts_with(month)))
    });
    row.map_or(0, |row| number(&row[place]))
}
