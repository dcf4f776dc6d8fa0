//! NDJSON: one object a line; a JSON array of objects is taken too. Nested objects become columns with
//! several levels. Numbers beyond 2^53 have lost digits in every JSON writer that uses doubles.

use std::collections::HashMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use super::{
    Dialect, Encoding, FileFormat, FormatOptions, RawRow, Reading, Table, TitlePath, Titles, sniff, text,
};
use crate::reason::{Reason, Refusal, RefusalReason};
use crate::value::Cell;

/// Newline-delimited JSON.
pub(super) struct Ndjson;

const EXACT_IN_A_DOUBLE: u64 = 1 << 53;

impl FileFormat for Ndjson {
    fn id(&self) -> &'static str {
        "ndjson"
    }

    fn read(&self, bytes: &[u8], options: &FormatOptions) -> Result<Vec<Reading>, Refusal> {
        sniff::demand(bytes, sniff::Kind::Text, "NDJSON（每行一个 JSON 对象）")?;
        let (bytes, mut encoding) = text::normalise(bytes, options.encoding);
        let mut shapes = Shapes::default();
        let rows = match whole_array(&bytes, encoding) {
            Some(items) => {
                // Rows of an array have no line of their own; they are kept as rendered here.
                encoding = Encoding::Utf8;
                items.into_iter().zip(1..).map(|(item, n)| shapes.row(item, n, Vec::new())).collect()
            }
            None => lines(&bytes, encoding, &mut shapes),
        };
        if rows.iter().all(|r: &RawRow| r.fault == Some(Reason::NotJson)) {
            let detail = "没有一行是 JSON 对象，本通道只收 NDJSON，请核对后重新送";
            return Err(Refusal::new(RefusalReason::WrongFormat, detail));
        }
        let dialect = Dialect { encoding: Some(encoding), delimiter: None };
        let table = Table { name: String::new(), titles: Titles::Named(shapes.lists), rows };
        Ok(vec![Reading { dialect, tables: vec![table] }])
    }

    fn read_row(&self, raw: &[u8], dialect: &Dialect) -> RawRow {
        let mut shapes = Shapes::default();
        let mut row = line(raw, dialect.encoding.unwrap_or(Encoding::Utf8), 1, &mut shapes);
        row.shape = 0;
        row
    }
}

fn lines(bytes: &[u8], encoding: Encoding, shapes: &mut Shapes) -> Vec<RawRow> {
    let in_array = bytes.trim_ascii_start().starts_with(b"[");
    let mut rows = Vec::new();
    let end = if bytes.contains(&b'\n') { b'\n' } else { b'\r' };
    for (raw, number) in bytes.split(|b| *b == end).zip(1u64..) {
        let mut content = raw.trim_ascii();
        if in_array {
            content = content.strip_suffix(b",").unwrap_or(content).trim_ascii();
        }
        if content.is_empty()
            || in_array && matches!(content, b"[" | b"]")
            || content.iter().all(|b| matches!(b, 0x1a | 0))
        {
            continue;
        }
        rows.push(line(content, encoding, number, shapes));
    }
    rows
}

fn line(raw: &[u8], encoding: Encoding, number: u64, shapes: &mut Shapes) -> RawRow {
    match serde_json::from_str::<Node>(&encoding.decode(raw)) {
        Ok(node @ Node::Object(_)) => shapes.row(node, number, raw.to_vec()),
        _ => RawRow { number, fault: Some(Reason::NotJson), raw: raw.to_vec(), ..RawRow::default() },
    }
}

/// A file that is one array of objects, over as many lines as it likes.
fn whole_array(bytes: &[u8], encoding: Encoding) -> Option<Vec<Node>> {
    if !bytes.trim_ascii_start().starts_with(b"[") {
        return None;
    }
    match serde_json::from_str::<Node>(&encoding.decode(bytes)) {
        Ok(Node::Array(items)) => Some(items),
        _ => None,
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
        let raw = if raw.is_empty() { node.to_string().into_bytes() } else { raw };
        let mut columns = Vec::new();
        if !matches!(node, Node::Object(_)) || !flatten(node, &mut Vec::new(), &mut columns) {
            return RawRow { number, fault: Some(Reason::NotJson), raw, ..RawRow::default() };
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

/// Turns an object into columns; `false` when a key is there twice, for then nobody knows which one counts.
fn flatten(node: Node, path: &mut TitlePath, columns: &mut Vec<(TitlePath, Cell)>) -> bool {
    match node {
        Node::Object(entries) => {
            for (at, (key, _)) in entries.iter().enumerate() {
                if entries[..at].iter().any(|(other, _)| other == key) {
                    return false;
                }
            }
            entries.into_iter().all(|(key, value)| {
                path.push(key);
                let unique = flatten(value, path, columns);
                path.pop();
                unique
            })
        }
        Node::Array(items) => {
            let shown = Node::Array(items).to_string();
            columns.push((path.clone(), Cell::text(shown)));
            true
        }
        Node::Value(cell) => {
            columns.push((path.clone(), cell));
            true
        }
    }
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

    #[test]
    fn shapes_faults_and_numbers() {
        let file = "{\"a\":1,\"b\":{\"c\":1.50,\"d\":null}}\r\n\n{\"a\":913196107872023385,\"b\":{\"c\":1e2,\"d\":[1,\"x\"]}}\n[1]\n{\"a\":1,\"a\":2}\n{\"a\":\"tr";
        let reading = Ndjson.read(file.as_bytes(), &FormatOptions::default()).expect("reading").remove(0);
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
            let reading = Ndjson.read(file.as_bytes(), &FormatOptions::default()).expect("reading").remove(0);
            assert_eq!(reading.tables[0].rows.iter().filter(|r| r.fault.is_none()).count(), 2, "{file}");
        }
        for file in ["a,b\n1,2", "null", "[1,2]", "\"x\""] {
            assert!(Ndjson.read(file.as_bytes(), &FormatOptions::default()).is_err(), "{file}");
        }
    }
}
