//! Boards that were evaluated already, as the bytes that go out: serialised and compressed once, then handed to everybody
//! who sees the same rows and columns and asks the same. A warm board costs a look-up.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::sync::Arc;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use pujiang_metrics::kept::{Kept, Weigh};
use pujiang_metrics::{CacheFigures, MetricsEngine};
use pujiang_security::Principal;

use super::answer::{BoardAnswer, TileState};
use super::definition::BoardDef;
use super::evaluate::{BoardError, BoardRequest, evaluate, question};
use super::load::BoardDefinitions;

/// Bytes of boards kept: about 500 answers of a large board.
const LIMIT: usize = 64 << 20;

/// An evaluated board, ready to be sent.
#[derive(Debug)]
pub struct RenderedBoard {
    /// The `ETag`; none if a tile failed, so that a retry asks again.
    pub tag: Option<String>,
    /// JSON.
    pub json: Bytes,
    /// The same, gzip.
    pub gzip: Bytes,
}

impl Weigh for RenderedBoard {
    fn bytes(&self) -> usize {
        size_of::<Self>() + self.json.len() + self.gzip.len()
    }
}

/// Why there is no answer to keep.
enum Unkept {
    Refused(BoardError),
    /// A tile failed: the caller gets what there is, the next one asks again.
    Failing(RenderedBoard),
}

/// Boards by what they depend on.
pub struct KeptBoards {
    kept: Kept<RenderedBoard>,
    /// The tables each board reads: a commit to another table leaves its answers as they are.
    tables: BTreeMap<String, BTreeSet<String>>,
}

impl KeptBoards {
    /// For these boards on this engine.
    pub fn new(boards: &BoardDefinitions, engine: &MetricsEngine) -> Self {
        let read = |board: &BoardDef| {
            let indicators = board.tiles.iter().flat_map(|tile| &tile.indicators).map(String::as_str);
            let mut tables = engine.tables_of(indicators);
            // Names of members are on the board, too.
            tables.extend(engine.tables_of_members(board.dimensions()));
            (board.id.clone(), tables)
        };
        Self { kept: Kept::new(LIMIT), tables: boards.iter().map(read).collect() }
    }

    /// The kept board, or the evaluated one.
    pub async fn answer(
        &self,
        board: &BoardDef,
        engine: &MetricsEngine,
        principal: &Principal,
        request: &BoardRequest,
    ) -> Result<Arc<RenderedBoard>, BoardError> {
        // Whether the caller may ask, and whether what is asked makes sense, is settled before the look-up.
        let question = question(board, engine, principal, request)?;
        let none = BTreeSet::new();
        let key = engine.key(principal, self.tables.get(&board.id).unwrap_or(&none), question);
        let tag = key.tag();
        let render = async {
            let answer = evaluate(board, engine, principal, request).await.map_err(Unkept::Refused)?;
            let failing = answer.tiles.values().any(|tile| tile.state == TileState::Failed);
            let rendered = rendered(&answer, (!failing).then_some(tag)).map_err(Unkept::Refused)?;
            if failing { Err(Unkept::Failing(rendered)) } else { Ok(rendered) }
        };
        match self.kept.answer(key, Box::pin(render)).await {
            Ok(rendered) => Ok(rendered),
            Err(Unkept::Failing(rendered)) => Ok(Arc::new(rendered)),
            Err(Unkept::Refused(error)) => Err(error),
        }
    }

    /// Lets boards go that were evaluated on older data.
    pub fn forget_older(&self, newest: &BTreeMap<String, i64>) {
        self.kept.forget_older(newest);
    }

    /// How it is doing.
    pub fn figures(&self) -> CacheFigures {
        self.kept.figures()
    }
}

fn rendered(answer: &BoardAnswer, tag: Option<String>) -> Result<RenderedBoard, BoardError> {
    let json = serde_json::to_vec(answer).map_err(|source| BoardError::Write { source: source.into() })?;
    let mut encoder = GzEncoder::new(Vec::with_capacity(json.len() / 4), Compression::new(6));
    let gzip = encoder.write_all(&json).and_then(|()| encoder.finish());
    let gzip = gzip.map_err(|source| BoardError::Write { source })?;
    Ok(RenderedBoard { tag, json: json.into(), gzip: gzip.into() })
}
