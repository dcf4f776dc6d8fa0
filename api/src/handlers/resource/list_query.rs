//! The query string of lists: `filter[field]`, `filter[field][gte]`, `q`, `sort`, `page[size]`, `page[after]`.

use pujiang_transactional::ListQuery;
use pujiang_transactional::engine::{Filter, FilterOp, Sort};
use serde_json::{Map, Value};

use crate::problem::Problem;

/// What a list asks for, and its filters as they are shown back.
pub struct Asked {
    /// For the engine.
    pub query: ListQuery,
    /// For the answer.
    pub filters: Map<String, Value>,
    /// `format` of an export.
    pub format: Option<String>,
}

/// Reads the pairs of a query string; a name nobody knows is a mistake, not a filter that silently does nothing.
pub fn read(pairs: Vec<(String, String)>) -> Result<Asked, Problem> {
    let mut asked = Asked { query: ListQuery::default(), filters: Map::new(), format: None };
    for (name, value) in pairs {
        match name.as_str() {
            "q" => asked.query.search = Some(value),
            "sort" => asked.query.sort = Some(Sort::parse(&value)),
            "page[size]" => {
                let size = value.parse().map_err(|_| refuse(&name, "每页条数应为 1 到 500 的整数"))?;
                asked.query.size = Some(size);
            }
            "page[after]" => asked.query.after = Some(value).filter(|after| !after.is_empty()),
            "format" => asked.format = Some(value),
            _ => {
                let filter = filter(&name, &value).ok_or_else(|| {
                    refuse(&name, "不认识的查询参数，请用 filter[字段]、q、sort、page[size]、page[after]")
                })?;
                asked.filters.insert(name, Value::String(value));
                asked.query.filters.push(filter);
            }
        }
    }
    Ok(asked)
}

fn refuse(name: &str, detail: &str) -> Problem {
    let shown: String = name.chars().filter(|c| !c.is_control()).take(60).collect();
    Problem::invalid("invalid_query", detail).with_field(shown)
}

fn filter(name: &str, value: &str) -> Option<Filter> {
    let inner = name.strip_prefix("filter[")?.strip_suffix(']')?;
    let (field, op) = match inner.split_once("][") {
        Some((field, op)) => (field, FilterOp::parse(op)?),
        None => (inner, FilterOp::Eq),
    };
    if field.is_empty() || field.contains(['[', ']']) {
        return None;
    }
    Some(Filter { field: field.to_owned(), op, value: value.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_are_read_strictly() {
        let field = |name: &str| filter(name, "1").map(|filter| (filter.field, filter.op));
        assert_eq!(field("filter[name]"), Some(("name".to_owned(), FilterOp::Eq)));
        assert_eq!(field("filter[name][gte]"), Some(("name".to_owned(), FilterOp::Gte)));
        for name in
            ["filter", "filter[]", "filter[a", "filter[a][like]", "filter[a][gte][x]", "filters[a]", "a"]
        {
            assert_eq!(field(name), None, "{name}");
        }
    }
}
