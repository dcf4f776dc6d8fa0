//! Evaluates a board: every tile at once, each with its own state, all with the caller's rights and rows.

use std::collections::BTreeMap;

use futures::future::join_all;
use pujiang_metrics::definition::DISTRICT;
use pujiang_metrics::{
    DimensionDefinitions, ErrorKind, MetricsAnswer, MetricsEngine, MetricsError, MetricsQuery, Missing,
    Purpose, ScopeView,
};
use pujiang_security::{DistrictCode, Permission, Principal};
use serde_json::Value;

use super::answer::{BoardAnswer, PeriodView, TileAnswer, TileState};
use super::definition::{BoardDef, TileDef, TileKind};
use super::merge::merge;
use super::period::{BoardPeriod, PeriodError};
use super::plan::{Choice, TilePlan, plan};

/// Characters of a member's code.
const LONGEST_CODE: usize = 50;

/// What a caller asks of a board.
#[derive(Debug, Clone, Default)]
pub struct BoardRequest {
    /// `2026-10`; the last complete month if missing.
    pub period: Option<String>,
    /// The member chosen of each dimension; none chooses nothing.
    pub members: BTreeMap<String, Option<String>>,
    /// The indicator the map is coloured by.
    pub map_indicator: Option<String>,
}

/// Why a board cannot be evaluated at all.
#[derive(Debug, thiserror::Error)]
pub enum BoardError {
    /// The caller may not see boards.
    #[error("当前账号无权查看看板，请联系安全管理员授权")]
    Forbidden,
    /// The period is none.
    #[error(transparent)]
    Period(#[from] PeriodError),
    /// A filter the board does not have, or a value it cannot take.
    #[error("{message}")]
    Filter {
        /// Field of the request.
        field: String,
        /// What to do.
        message: String,
    },
    /// The answer cannot be written down.
    #[error("cannot write the answer of a board")]
    Write {
        /// Cause.
        source: std::io::Error,
    },
}

/// What of a board is asked, as a text that is equal for equal questions. Refuses what cannot be asked.
pub fn question(
    board: &BoardDef,
    engine: &MetricsEngine,
    principal: &Principal,
    request: &BoardRequest,
) -> Result<String, BoardError> {
    if !principal.can(Permission::BoardView) {
        return Err(BoardError::Forbidden);
    }
    let period = BoardPeriod::choose(request.period.as_deref(), engine.business_date())?;
    let Choice { members } = choice(board, engine.dimensions(), request)?;
    Ok(format!("board {} {} {members:?} {:?}", board.id, period.value(), request.map_indicator))
}

/// Evaluates all tiles of a board concurrently.
pub async fn evaluate(
    board: &BoardDef,
    engine: &MetricsEngine,
    principal: &Principal,
    request: &BoardRequest,
) -> Result<BoardAnswer, BoardError> {
    if !principal.can(Permission::BoardView) {
        return Err(BoardError::Forbidden);
    }
    let today = engine.business_date();
    let period = BoardPeriod::choose(request.period.as_deref(), today)?;
    let choice = choice(board, engine.dimensions(), request)?;
    let tiles = board.tiles.iter().map(|tile| {
        let plan = plan(tile, period, &choice, engine.indicators());
        let (ignored, note) = (plan.ignored.clone(), ignoring(board, &plan.ignored));
        async move {
            let (answer, version) = Box::pin(answer_tile(tile, plan, engine, principal)).await;
            (tile.id.clone(), (TileAnswer { ignored_filters: ignored, note, ..answer }, version))
        }
    });
    let mut versions: Vec<String> = Vec::new();
    let mut answers = BTreeMap::new();
    for (id, (answer, version)) in join_all(tiles).await {
        versions.extend(version.split(',').filter(|part| !part.is_empty()).map(str::to_owned));
        answers.insert(id, answer);
    }
    versions.sort();
    versions.dedup();
    Ok(BoardAnswer {
        board: board.id.clone(),
        title: board.title.clone(),
        period: PeriodView {
            value: period.value(),
            from: period.span.from.to_string(),
            to: period.span.to.to_string(),
            label: period.label(),
            complete: period.complete(today),
            as_of: period.as_of.to_string(),
            compared_until: period.compared_until(today).map(|day| day.to_string()),
        },
        tiles: answers,
        data_version: versions.join(","),
        scope: ScopeView::from(principal.scope()),
        filters: chosen(board, &choice, request),
    })
}

/// Every filter of the board with what is chosen.
fn chosen(board: &BoardDef, choice: &Choice, request: &BoardRequest) -> BTreeMap<String, Option<String>> {
    let dimensions = board.filters.iter().filter_map(|filter| filter.kind.dimension());
    let members = dimensions.map(|id| (id.to_owned(), choice.members.get(id).cloned()));
    members.chain([("map_indicator".to_owned(), request.map_indicator.clone())]).collect()
}

fn choice(
    board: &BoardDef,
    dimensions: &DimensionDefinitions,
    request: &BoardRequest,
) -> Result<Choice, BoardError> {
    for (dimension, member) in &request.members {
        if let Some(message) = refused(board, dimensions, dimension, member.as_deref()) {
            return Err(BoardError::Filter { field: dimension.clone(), message });
        }
    }
    if let Some(indicator) = &request.map_indicator {
        let on_map = |tile: &TileDef| tile.kind == TileKind::Map && tile.indicators.contains(indicator);
        if !board.tiles.iter().any(on_map) {
            let message = "地图上没有这个指标，请从地图的指标中选择".to_owned();
            return Err(BoardError::Filter { field: "map_indicator".to_owned(), message });
        }
    }
    let chosen = request.members.iter().filter_map(|(id, member)| Some((id.clone(), member.clone()?)));
    Ok(Choice { members: chosen.collect() })
}

/// Why a member of a dimension cannot be chosen on a board.
fn refused(
    board: &BoardDef,
    dimensions: &DimensionDefinitions,
    dimension: &str,
    member: Option<&str>,
) -> Option<String> {
    if board.filter_of(dimension).is_none() {
        return Some("这个看板没有这项筛选，请去掉".to_owned());
    }
    let member = member?;
    if member.trim().is_empty() || member.chars().count() > LONGEST_CODE {
        return Some("筛选值为空或过长，请重新选择".to_owned());
    }
    if dimension == DISTRICT && DistrictCode::parse(member).is_err() {
        return Some(format!("没有代码为“{member}”的区，请用 310104 这样的区代码"));
    }
    dimensions.get(dimension)?.without(member)
}

/// The tile and the versions it read.
async fn answer_tile(
    tile: &TileDef,
    plan: TilePlan,
    engine: &MetricsEngine,
    principal: &Principal,
) -> (TileAnswer, String) {
    let TilePlan { queries, wholes, filters, left_out, unknown, ignored: _ } = plan;
    if !unknown.is_empty() {
        let detail = format!("看板引用了不存在的指标：{}，请联系管理员。", unknown.join("、"));
        return (TileAnswer::without_rows(TileState::Failed, "unknown_indicator", detail), String::new());
    }
    if queries.is_empty() {
        let detail = format!("{}不能按所选条件筛选，请去掉筛选查看。", left_out.join("、"));
        return (TileAnswer::without_rows(TileState::Empty, "filter_not_applicable", detail), String::new());
    }
    // Both at the same time, so that they share what they read.
    let asked = queries.iter().chain(&wholes).map(|query| Box::pin(ask(engine, principal, query)));
    let asked: Result<Vec<Asked>, MetricsError> = join_all(asked).await.into_iter().collect();
    let (mut answers, mut refused, mut reason) = (Vec::new(), Vec::new(), None);
    let mut parts = match asked {
        Ok(parts) => parts,
        Err(error) => return (refusal(tile, &error), String::new()),
    };
    let whole = merge(parts.split_off(queries.len()).into_iter().flat_map(|part| part.answers).collect());
    for part in parts {
        answers.extend(part.answers);
        refused.extend(part.refused);
        reason = reason.or(part.reason);
    }
    match (merge(answers), reason) {
        (None, Some(reason)) => (refusal(tile, &reason), String::new()),
        (None, None) => (empty(&[]), String::new()),
        (Some(answer), _) => {
            let version = answer.data_version.clone();
            let mut shown = if is_blank(&answer) {
                TileAnswer { missing: answer.missing.clone(), ..empty(&answer.missing) }
            } else {
                let whole =
                    whole.filter(|_| answer.rows.len() > 1).and_then(|whole| row_like(&answer, &whole));
                TileAnswer { whole, ..shown(answer, &left_out, &refused) }
            };
            shown.filters = filters;
            (shown, version)
        }
    }
}

/// What came of one question of a tile.
#[derive(Default)]
struct Asked {
    answers: Vec<MetricsAnswer>,
    /// Titles of indicators this caller gets no figures of.
    refused: Vec<String>,
    /// Why the first of them.
    reason: Option<MetricsError>,
}

/// Asks one question of a tile. If it is refused, its indicators are asked one by one: a tile shows those that remain
/// and names the others.
async fn ask(
    engine: &MetricsEngine,
    principal: &Principal,
    query: &MetricsQuery,
) -> Result<Asked, MetricsError> {
    let mut asked = Asked::default();
    match Box::pin(engine.query_for(Purpose::Board, principal, query)).await {
        Ok(answer) => return Ok(Asked { answers: vec![answer], ..asked }),
        Err(error) if error.kind() == ErrorKind::Forbidden => asked.reason = Some(error),
        Err(error) => return Err(error),
    }
    for id in &query.indicators {
        // The order of rows is that of the tile's first indicator, which another one's answer does not have.
        let order = if query.indicators.first() == Some(id) { query.order.clone() } else { Vec::new() };
        let one = MetricsQuery { indicators: vec![id.clone()], order, ..query.clone() };
        match Box::pin(engine.query_for(Purpose::Board, principal, &one)).await {
            Ok(answer) => asked.answers.push(answer),
            Err(error) if error.kind() == ErrorKind::Forbidden => {
                asked.refused.extend(engine.indicator(id).map(|indicator| indicator.title.clone()));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(asked)
}

fn shown(answer: MetricsAnswer, left_out: &[String], refused: &[String]) -> TileAnswer {
    let said = |titles: &[String], why: &str| {
        (!titles.is_empty()).then(|| format!("{}{why}，未列出。", titles.join("、")))
    };
    let details = [said(left_out, "不能按所选条件筛选"), said(refused, "在当前账号的数据范围内没有数字")];
    let detail = details.into_iter().flatten().reduce(|all, one| all + &one);
    TileAnswer {
        state: TileState::Ok,
        columns: answer.columns,
        rows: answer.rows,
        whole: None,
        incomplete_from: answer.incomplete_from.map(|day| day.to_string()),
        compared_until: answer.compared_until.map(|day| day.to_string()),
        missing: answer.missing,
        filters: BTreeMap::new(),
        ignored_filters: Vec::new(),
        note: None,
        code: detail.as_ref().map(|_| "indicators_left_out".to_owned()),
        detail,
    }
}

/// The only row of `whole` with its values in the columns of `answer`; where it has no such column nothing stands.
fn row_like(answer: &MetricsAnswer, whole: &MetricsAnswer) -> Option<Vec<Value>> {
    let row = whole.rows.last()?;
    let of = |name: &str| row.get(whole.columns.iter().position(|column| column.name == name)?).cloned();
    Some(answer.columns.iter().map(|column| of(&column.name).unwrap_or_default()).collect())
}

/// Whether no row has any figure: then there is nothing to draw, and nought would not be true.
fn is_blank(answer: &MetricsAnswer) -> bool {
    let figures = |row: &Vec<Value>| {
        let of_column = answer.columns.iter().zip(row);
        of_column.filter(|(column, _)| column.unit.is_some()).all(|(_, value)| value.is_null())
    };
    answer.rows.iter().all(figures)
}

/// Nothing to draw, with the reason the answer gives.
fn empty(missing: &[Missing]) -> TileAnswer {
    let otherwise = "所选期间和范围内没有数据，请换一个月份或筛选条件。";
    // Why a change is missing does not tell why there is nothing at all.
    let last = missing.iter().rev().find(|one| one.compare.is_none());
    let reason = last.map(|last| format!("{}。", last.reason));
    TileAnswer::without_rows(TileState::Empty, "no_data", reason.unwrap_or_else(|| otherwise.to_owned()))
}

/// That a tile goes on showing all values of what it is split by.
fn ignoring(board: &BoardDef, ignored: &[String]) -> Option<String> {
    let title = |id: &String| board.filter_of(id).map_or_else(|| id.clone(), |filter| filter.title.clone());
    let titles: Vec<String> = ignored.iter().map(title).collect();
    (!titles.is_empty()).then(|| format!("列出全部{0}，不随所选{0}变化。", titles.join("、")))
}

fn refusal(tile: &TileDef, error: &MetricsError) -> TileAnswer {
    let state = match error.kind() {
        ErrorKind::Forbidden => TileState::Refused,
        _ => TileState::Failed,
    };
    // A column that is hidden from the caller is a refusal in words, like a missing right: never a wrong number.
    let detail = match error.kind() {
        ErrorKind::Forbidden => error.to_string(),
        ErrorKind::Unavailable => "数据服务繁忙，请稍后重试。".to_owned(),
        _ => {
            tracing::error!(tile = %tile.id, error = %crate::problem::chain(error), "board tile failed");
            "这一块没有算出来，请重试；如仍失败，请联系管理员。".to_owned()
        }
    };
    TileAnswer::without_rows(state, error.code(), detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn answer(columns: &[(&str, Option<&str>)], rows: Value) -> MetricsAnswer {
        let column = |(name, unit): &(&str, Option<&str>)| json!({"name": name, "title": name, "unit": unit, "type": "integer"});
        serde_json::from_value(json!({
            "columns": columns.iter().map(column).collect::<Vec<_>>(), "rows": rows, "data_version": "t@1",
            "scope": {"level": "city", "districts": [], "label": "全市"}, "filters": {}, "as_of": "2026-11-22",
            "incomplete_from": null,
        }))
        .expect("answer")
    }

    #[test]
    fn the_row_of_the_whole_stands_in_the_columns_of_its_parts() {
        let (a, b) = (("A", Some("家")), ("B", Some("笔")));
        let parts =
            answer(&[("period", None), ("district", None), a, ("A.rank", None), b], json!([[0, 1, 2, 3, 4]]));
        let whole = answer(&[("period", None), b, a], json!([["2026-08-01", 7, 1]]));
        assert_eq!(row_like(&parts, &whole).map(Value::from), Some(json!(["2026-08-01", null, 1, null, 7])));
        // Nothing is known of the whole: that is a dash in each column, and not nought.
        let whole = answer(&[("period", None), a], json!([["2026-08-01", null]]));
        let blank = row_like(&parts, &whole).map(Value::from);
        assert_eq!(blank, Some(json!(["2026-08-01", null, null, null, null])));
        assert_eq!(row_like(&parts, &answer(&[a], json!([]))), None);
    }

    #[test]
    fn an_empty_tile_tells_why_it_has_no_figure_and_not_why_it_has_no_change() {
        let missing = |code: &str, compare: Option<&str>| -> Missing {
            let (from, to) = ("2026-10-01", "2026-10-31");
            let body = json!({"indicator": "A", "from": from, "to": to, "code": code, "compare": compare, "reason": code});
            serde_json::from_value(body).expect("missing")
        };
        let tile = empty(&[missing("before_data", None), missing("not_whole", Some("yoy"))]);
        assert_eq!(tile.detail.as_deref(), Some("before_data。"));
        assert!(
            empty(&[missing("not_whole", Some("yoy"))]).detail.is_some_and(|text| text.contains("没有数据"))
        );
    }
}
