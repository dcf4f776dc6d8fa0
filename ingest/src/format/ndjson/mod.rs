//! NDJSON: one object a line; a JSON array of objects is taken too. Nested objects become columns with
//! several levels. Numbers beyond 2^53 have lost digits in every JSON writer that uses doubles.
//! How an array is cut into its objects is in `elements`.

mod elements;

use std::collections::{HashMap, HashSet};
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use super::bounds::{Budget, LONGEST, MOST_COLUMNS, too_large, too_long};
use super::{
    Dialect, Encoding, FileFormat, FormatOptions, RawRow, Reading, Readings, Table, TitlePath, Titles, sniff,
    text,
};
use crate::reason::{Reason, Refusal, RefusalReason};
use crate::value::{Cell, Epoch};

/// Newline-delimited JSON.
pub(super) struct Ndjson;

const EXACT_IN_A_DOUBLE: u64 = 1 << 53;
/// Sets of keys that objects of one file may have: each is fitted to the feed's fields.
const MOST_SHAPES: usize = 1_000;
/// Bytes of a key, and levels of keys: every column remembers its own path.
const LONGEST_KEY: usize = 256;
const DEEPEST: usize = 8;

impl FileFormat for Ndjson {
    fn id(&self) -> &'static str {
        "ndjson"
    }

    fn read<'a>(&self, bytes: &'a [u8], options: &FormatOptions) -> Result<Readings<'a>, Refusal> {
        sniff::demand(bytes, sniff::Kind::Text, "NDJSON（每行一个 JSON 对象）")?;
        let (bytes, encoding) = text::normalise(bytes, options.encoding);
        let mut rows =
            Rows { encoding, shapes: Shapes::default(), budget: Budget::default(), rows: Vec::new() };
        match elements::elements(&bytes, encoding) {
            // Objects of an array have no line of their own; they are counted.
            Some(spans) => {
                for (span, number) in spans.into_iter().zip(1..) {
                    rows.take(bytes[span].trim_ascii(), number, "个对象")?;
                }
            }
            None => lines(&bytes, &mut rows)?,
        }
        if rows.rows.iter().all(|r: &RawRow| r.fault == Some(Reason::NotJson)) {
            let detail = "没有一行是 JSON 对象，本通道只收 NDJSON，请核对后重新送";
            return Err(Refusal::new(RefusalReason::WrongFormat, detail));
        }
        let dialect = Dialect { encoding: Some(encoding), delimiter: None, epoch: Epoch::default() };
        let table = Table { name: String::new(), titles: Titles::Named(rows.shapes.lists), rows: rows.rows };
        Ok(Box::new(std::iter::once(Ok(Reading { dialect, tables: vec![table], ..Reading::default() }))))
    }

    fn read_row(&self, raw: &[u8], dialect: &Dialect) -> RawRow {
        let mut shapes = Shapes::default();
        let mut row = line(raw, dialect.encoding.unwrap_or(Encoding::Utf8), 1, &mut shapes);
        row.shape = 0;
        row
    }
}

/// The rows so far and what they use up.
struct Rows {
    encoding: Encoding,
    shapes: Shapes,
    budget: Budget,
    rows: Vec<RawRow>,
}

impl Rows {
    fn take(&mut self, raw: &[u8], number: u64, unit: &str) -> Result<(), Refusal> {
        if raw.len() > LONGEST {
            return Err(too_long(format_args!("第 {number} {unit}")));
        }
        let row = line(raw, self.encoding, number, &mut self.shapes);
        self.budget.row()?;
        self.budget.cells(row.cells.len())?;
        if self.shapes.lists.len() > MOST_SHAPES {
            return Err(too_large(format!("对象的字段组合多于 {MOST_SHAPES} 种")));
        }
        self.rows.push(row);
        Ok(())
    }
}

/// No JSON text holds a line end of any kind other than between values, so each one ends a line.
fn lines(bytes: &[u8], rows: &mut Rows) -> Result<(), Refusal> {
    let in_array = bytes.trim_ascii_start().starts_with(b"[");
    let (mut at, mut number) = (0, 0);
    while at < bytes.len() {
        let length = bytes[at..].iter().position(|b| matches!(b, b'\n' | b'\r')).unwrap_or(bytes.len() - at);
        let mut content = bytes[at..at + length].trim_ascii();
        at += length + if bytes[at + length..].starts_with(b"\r\n") { 2 } else { 1 };
        number += 1;
        if in_array {
            content = content.strip_suffix(b",").unwrap_or(content).trim_ascii();
        }
        if content.is_empty()
            || in_array && matches!(content, b"[" | b"]")
            || content.iter().all(|b| matches!(b, 0x1a | 0))
        {
            continue;
        }
        rows.take(content, number, "行")?;
    }
    Ok(())
}

fn line(raw: &[u8], encoding: Encoding, number: u64, shapes: &mut Shapes) -> RawRow {
    match serde_json::from_str::<Node>(&encoding.decode(raw)) {
        Ok(node @ Node::Object(_)) => shapes.row(node, number, raw.to_vec()),
        _ => RawRow { number, fault: Some(Reason::NotJson), raw: raw.to_vec(), ..RawRow::default() },
    }
}

/// The lists of column names met so far; rows with the same keys share one.
#[derive(Default)]
struct Shapes {
    lists: Vec<Vec<TitlePath>>,
    known: HashMap<Vec<TitlePath>, usize>,
}

impl Shapes {
    fn row(&mut self, node: Node, number: u64, raw: Vec<u8>) -> RawRow {
        let mut columns = Vec::new();
        if let Err(fault) = flatten(node, &mut Vec::new(), &mut columns) {
            return RawRow { number, fault: Some(fault), raw, ..RawRow::default() };
        }
        let (titles, cells): (Vec<TitlePath>, Vec<Cell>) = columns.into_iter().unzip();
        let next = self.lists.len();
        let shape = *self.known.entry(titles).or_insert_with_key(|titles| {
            self.lists.push(titles.clone());
            next
        });
        RawRow { number, shape, cells, fault: None, raw }
    }
}

/// Turns an object into columns. A key that is there twice is a fault, for then nobody knows which one counts.
fn flatten(node: Node, path: &mut TitlePath, columns: &mut Vec<(TitlePath, Cell)>) -> Result<(), Reason> {
    match node {
        Node::Object(entries) => {
            let mut keys = HashSet::with_capacity(entries.len());
            if !entries.iter().all(|(key, _)| keys.insert(key)) {
                return Err(Reason::NotJson);
            }
            drop(keys);
            for (key, value) in entries {
                if key.len() > LONGEST_KEY || path.len() >= DEEPEST {
                    return Err(Reason::WrongColumnCount);
                }
                path.push(key);
                flatten(value, path, columns)?;
                path.pop();
            }
            return Ok(());
        }
        Node::Array(items) => {
            let shown = Node::Array(items).to_string();
            columns.push((path.clone(), Cell::text(shown)));
        }
        Node::Value(cell) => columns.push((path.clone(), cell)),
    }
    if columns.len() > MOST_COLUMNS { Err(Reason::WrongColumnCount) } else { Ok(()) }
}

/// A JSON value that keeps duplicate keys and the difference between integers and floats.
enum Node {
    Value(Cell),
    Array(Vec<Node>),
    Object(Vec<(String, Node)>),
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quoted = |t: &str| serde_json::Value::from(t).to_string();
        match self {
            Self::Value(Cell::Empty) => f.write_str("null"),
            Self::Value(Cell::Exact(n)) => f.write_str(n),
            Self::Value(Cell::Float(n)) => write!(f, "{n:?}"),
            Self::Value(Cell::Truth(b)) => write!(f, "{b}"),
            Self::Value(cell) => f.write_str(&quoted(&cell.shown())),
            Self::Array(items) => {
                let items: Vec<String> = items.iter().map(ToString::to_string).collect();
                write!(f, "[{}]", items.join(","))
            }
            Self::Object(entries) => {
                let entries: Vec<String> =
                    entries.iter().map(|(k, v)| format!("{}:{v}", quoted(k))).collect();
                write!(f, "{{{}}}", entries.join(","))
            }
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Value(Cell::Truth(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        let exact = value.unsigned_abs() <= EXACT_IN_A_DOUBLE;
        Ok(Node::Value(if exact { Cell::Exact(value.to_string()) } else { Cell::Float(value as f64) }))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        let exact = value <= EXACT_IN_A_DOUBLE;
        Ok(Node::Value(if exact { Cell::Exact(value.to_string()) } else { Cell::Float(value as f64) }))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Value(Cell::Float(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Value(Cell::text(value)))
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Value(Cell::Empty))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Node, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Node::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Node::Object(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(file: &str) -> Result<Reading, Refusal> {
        Ndjson.read(file.as_bytes(), &FormatOptions::default())?.next().expect("a reading")
    }

    #[test]
    fn shapes_faults_and_numbers() {
        let file = "{\"a\":1,\"b\":{\"c\":1.50,\"d\":null}}\r\n\n{\"a\":913196107872023385,\"b\":{\"c\":1e2,\"d\":[1,\"x\"]}}\n[1]\n{\"a\":1,\"a\":2}\n{\"a\":\"tr";
        let reading = read(file).expect("reading");
        let table = &reading.tables[0];
        let path = |p: &[&str]| p.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(
            table.titles,
            Titles::Named(vec![vec![path(&["a"]), path(&["b", "c"]), path(&["b", "d"])]])
        );
        let cells: Vec<_> = table.rows.iter().map(|r| (r.number, r.fault, r.cells.clone())).collect();
        assert_eq!(cells[0], (1, None, vec![Cell::Exact("1".into()), Cell::Float(1.5), Cell::Empty]));
        assert_eq!(
            cells[1],
            (
                3,
                None,
                vec![
                    Cell::Float(9.131_961_078_720_234e17),
                    Cell::Float(100.0),
                    Cell::Text("[1,\"x\"]".into())
                ]
            )
        );
        assert!(cells[2..].iter().all(|c| c.1 == Some(Reason::NotJson)) && cells.len() == 5);
        assert_eq!(Ndjson.read_row(&table.rows[0].raw, &reading.dialect).cells, table.rows[0].cells);
    }

    #[test]
    fn an_array_is_taken_and_other_text_refused() {
        for file in ["[{\"a\":1},\n{\"a\":2}]", "[\n{\"a\":1},\n{\"a\":2}\n", "\u{feff}{\"a\":1}\n{\"a\":2}"]
        {
            let reading = read(file).expect("reading");
            assert_eq!(reading.tables[0].rows.iter().filter(|r| r.fault.is_none()).count(), 2, "{file}");
        }
        for file in ["a,b\n1,2", "null", "[1,2]", "\"x\""] {
            assert!(read(file).is_err(), "{file}");
        }
    }
    #[test]
    fn right_answer_12_objects_on_lines_with_any_end_are_rows() {
        let reading = read("{\"a\":1}\r{\"a\":2}\n{\"a\":3}\r\n{\"a\":4}\r").expect("reading");
        let numbers: Vec<u64> = reading.tables[0].rows.iter().map(|r| r.number).collect();
        assert_eq!(numbers, [1, 2, 3, 4]);
        // One broken object of an array costs one row.
        let reading = read("[{\"a\":\"],[\"},\n {a:2},{\"a\":3}]").expect("reading");
        let faults: Vec<_> = reading.tables[0].rows.iter().map(|r| r.fault).collect();
        assert_eq!(faults, [None, Some(Reason::NotJson), None]);
    }

    #[test]
    fn attack_7_lines_keys_and_shapes_are_bounded() {
        let keys = |n: usize| (0..n).map(|k| format!("\"k{k}\":1")).collect::<Vec<_>>().join(",");
        let started = std::time::Instant::now();
        let refused = |file: String| read(&file).err().map(|r| (r.reason, r.detail));
        let long = refused(format!("{{\"a\":1}}\n{{{}}}\n", keys(300_000)));
        assert!(
            long.as_ref().is_some_and(|(r, d)| *r == RefusalReason::TooLarge && d.contains("第 2 行")),
            "{long:?}"
        );
        let wide = read(&format!("{{\"a\":1}}\n{{{}}}\n", keys(60_000))).expect("reading");
        assert_eq!(wide.tables[0].rows[1].fault, Some(Reason::WrongColumnCount));
        let shapes: String = (0..2_000).map(|k| format!("{{\"k{k}\":1}}\n")).collect();
        assert_eq!(refused(shapes).map(|(r, _)| r), Some(RefusalReason::TooLarge));
        let numbers = refused(format!("[{{\"a\":[{}0]}}]", "0,".repeat(2_000_000)));
        assert_eq!(numbers.map(|(r, _)| r), Some(RefusalReason::TooLarge));
        assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
    }
}
