//! One user over the PostgreSQL protocol, by a client that real programs use. Binary results are turned into texts
//! here, so that both formats can be compared.

use std::error::Error;
use std::net::SocketAddr;

use tokio_postgres::types::{FromSql, Type};
use tokio_postgres::{Client, Config, NoTls, SimpleQueryMessage};

/// A logged-in connection.
pub struct Wire {
    client: Client,
}

/// Cells of rows, empty where null.
pub type Rows = Vec<Vec<Option<String>>>;

impl Wire {
    pub async fn connect(
        server: SocketAddr,
        account: &str,
        password: &str,
    ) -> Result<Self, tokio_postgres::Error> {
        let mut config = Config::new();
        config.host(server.ip().to_string()).port(server.port()).user(account).password(password);
        config.dbname("pujiang").application_name("pujiang-tests");
        let (client, connection) = config.connect(NoTls).await?;
        tokio::spawn(connection);
        Ok(Self { client })
    }

    /// The simple protocol: texts.
    pub async fn simple(&self, sql: &str) -> Result<Rows, tokio_postgres::Error> {
        let messages = self.client.simple_query(sql).await?;
        let rows = messages.iter().filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => {
                Some((0..row.len()).map(|at| row.get(at).map(str::to_owned)).collect())
            }
            _ => None,
        });
        Ok(rows.collect())
    }

    /// The extended protocol: prepared, bound, binary.
    pub async fn extended(&self, sql: &str) -> Result<Rows, tokio_postgres::Error> {
        let rows = self.client.query(sql, &[]).await?;
        let cells = |row: &tokio_postgres::Row| {
            (0..row.len()).map(|at| row.get::<_, Option<Cell>>(at).map(|Cell(text)| text)).collect()
        };
        Ok(rows.iter().map(cells).collect())
    }

    /// The client itself.
    pub fn client(&self) -> &Client {
        &self.client
    }
}

/// A binary value as its text.
struct Cell(String);

impl<'b> FromSql<'b> for Cell {
    fn from_sql(kind: &Type, raw: &'b [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        let text = match *kind {
            Type::BOOL => (raw.first() == Some(&1)).to_string(),
            Type::INT2 => i16::from_be_bytes(raw.try_into()?).to_string(),
            Type::INT4 => i32::from_be_bytes(raw.try_into()?).to_string(),
            Type::INT8 => i64::from_be_bytes(raw.try_into()?).to_string(),
            Type::FLOAT4 => f32::from_be_bytes(raw.try_into()?).to_string(),
            Type::FLOAT8 => f64::from_be_bytes(raw.try_into()?).to_string(),
            Type::NUMERIC => numeric(raw)?,
            Type::DATE => chrono::NaiveDate::from_sql(kind, raw)?.to_string(),
            Type::TIMESTAMP => {
                chrono::NaiveDateTime::from_sql(kind, raw)?.format("%Y-%m-%d %H:%M:%S%.6f").to_string()
            }
            _ => std::str::from_utf8(raw)?.to_owned(),
        };
        Ok(Self(text))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// PostgreSQL's numeric: groups of four decimal digits, the weight of the first, sign, digits after the point.
pub fn numeric(raw: &[u8]) -> Result<String, Box<dyn Error + Sync + Send>> {
    let words: Vec<i16> = raw.chunks_exact(2).map(|pair| i16::from_be_bytes([pair[0], pair[1]])).collect();
    let [groups, weight, sign, scale, digits @ ..] = words.as_slice() else {
        return Err("short numeric".into());
    };
    if usize::try_from(*groups)? != digits.len() {
        return Err("numeric of another length than it says".into());
    }
    let group = |place: i16| {
        let at = usize::try_from(weight - place).ok();
        at.and_then(|at| digits.get(at)).copied().unwrap_or(0)
    };
    let whole: String = (0..=(*weight).max(0)).rev().map(|place| format!("{:04}", group(place))).collect();
    let whole = whole.trim_start_matches('0');
    let mut text =
        format!("{}{}", if *sign == 0 { "" } else { "-" }, if whole.is_empty() { "0" } else { whole });
    let scale = usize::try_from(*scale)?;
    if scale > 0 {
        let groups = i16::try_from(scale.div_ceil(4))?;
        let part: String = (1..=groups).map(|place| format!("{:04}", group(-place))).collect();
        text.push('.');
        text.push_str(&part[..scale]);
    }
    Ok(text)
}

#[test]
fn binary_numerics_have_the_right_texts() {
    let raw = |words: &[i16]| words.iter().flat_map(|word| word.to_be_bytes()).collect::<Vec<u8>>();
    for (words, text) in [
        (vec![0, 0, 0, 2], "0.00"),
        (vec![1, 0, 0, 0, 12], "12"),
        (vec![2, 0, 0, 2, 12, 3400], "12.34"),
        (vec![2, 1, 0, 0, 1, 2], "10002"),
        (vec![1, -1, 0x4000, 2, 500], "-0.05"),
        (vec![1, 1, 0, 2, 3], "30000.00"),
        (vec![1, -2, 0, 6, 1200], "0.000012"),
    ] {
        assert_eq!(numeric(&raw(&words)).unwrap(), text);
    }
}
