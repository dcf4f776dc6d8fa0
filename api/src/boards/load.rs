//! Loading all boards, all or nothing, and what they say of indicators.

use std::collections::BTreeMap;

use pujiang_definition::{BOARDS, DefinitionError, Layers, Loaded, Places, Sources, read_all};
use pujiang_metrics::IndicatorDefinitions;
use rust_embed::RustEmbed;

use super::definition::{BoardDef, TileDef};
use super::read::read;

#[derive(RustEmbed)]
#[folder = "../dashboards/boards/"]
#[allow_missing = true]
struct Builtin;

/// All boards by id.
#[derive(Debug, Clone, Default)]
pub struct BoardDefinitions {
    boards: BTreeMap<String, BoardDef>,
    places: BTreeMap<String, Places>,
}

impl BoardDefinitions {
    /// The boards built into the binary.
    ///
    /// # Errors
    /// Every mistake of every file.
    pub fn builtin() -> Result<Self, Vec<DefinitionError>> {
        Self::load(&Layers::builtin()).finished()
    }

    /// The boards of these layers.
    #[must_use]
    pub fn load(layers: &Layers) -> Loaded<Self> {
        Self::read(&layers.sources::<Builtin>(&BOARDS))
    }

    /// The boards of these files.
    #[must_use]
    pub fn read(sources: &Sources) -> Loaded<Self> {
        let loaded = read_all(sources, |file, root| {
            let read = read(root)?;
            let (filters, tiles) = (read.filters, read.tiles);
            Some(BoardDef {
                id: file.id.clone(),
                title: read.title,
                description: read.description,
                filters,
                tiles,
            })
        });
        loaded.map(|boards, _| {
            let mut all = Self::default();
            for (board, places) in boards {
                all.places.insert(board.id.clone(), places);
                all.boards.insert(board.id.clone(), board);
            }
            all
        })
    }

    /// Tiles that split an indicator by a dimension it does not have.
    #[must_use]
    pub fn check_against(&self, indicators: &IndicatorDefinitions) -> Vec<DefinitionError> {
        let tiles = |board: &BoardDef| {
            let places = self.places.get(&board.id).cloned().unwrap_or_default();
            board.tiles.iter().flat_map(move |tile| unsplit(tile, &places, indicators)).collect::<Vec<_>>()
        };
        self.boards.values().flat_map(tiles).collect()
    }

    /// The board of that id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&BoardDef> {
        self.boards.get(id)
    }

    /// Changes every board.
    pub(super) fn each(&mut self, change: impl FnMut(&mut BoardDef)) {
        self.boards.values_mut().for_each(change);
    }

    /// All boards in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &BoardDef> {
        self.boards.values()
    }
}

/// The indicators of a tile that cannot be split as it wants.
fn unsplit(tile: &TileDef, places: &Places, indicators: &IndicatorDefinitions) -> Vec<DefinitionError> {
    let Some(dimension) = &tile.dimension else { return Vec::new() };
    let mut errors = Vec::new();
    for (position, id) in tile.indicators.iter().enumerate() {
        // One that does not exist is found where all references are followed.
        let Some(known) = indicators.get(id) else { continue };
        if !known.dimensions.contains(dimension) {
            let all = known.dimensions.join("、");
            let message = format!("指标“{id}”不能按 {dimension} 分，可用的维度有 {all}");
            errors.push(places.error(&format!("tile[{}].indicators[{position}]", tile.id), message));
        }
    }
    errors
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn builtin_boards_load_and_fit_the_indicators() {
        let boards = BoardDefinitions::builtin().unwrap_or_else(|errors| panic!("{errors:#?}"));
        let indicators = IndicatorDefinitions::builtin().expect("indicators");
        assert_eq!(boards.check_against(&indicators), []);
    }

    #[test]
    fn a_dimension_an_indicator_lacks_is_named_at_the_indicator() {
        let text = "format = 1\ntitle = \"t\"\ndescription = \"d\"\n[[tile]]\nid = \"a\"\nkind = \"ranking\"\ntitle = \"t\"\nspan = 3\n\
                    indicators = [\"S1-U03\", \"S1-X99\"]\ndimension = \"shoe_size\"\n";
        let loaded = BoardDefinitions::read(&Sources::texts(&BOARDS, [("b.toml", text)]));
        let named: Vec<&str> = loaded.references.iter().map(|one| one.id.as_str()).collect();
        assert_eq!((named, loaded.errors), (vec!["S1-U03", "S1-X99"], vec![]));
        let indicators = IndicatorDefinitions::builtin().expect("indicators");
        let errors = loaded.definitions.check_against(&indicators);
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert!(
            errors[0].to_string().starts_with("dashboards/boards/b.toml:9:15: tile[a].indicators[0]: 指标")
        );
    }
}
