//! Titles of tiles with the names of their indicators, which come from the definitions and from nowhere else.

use pujiang_metrics::IndicatorDef;
use pujiang_metrics::definition::with_titles;

use super::definition::TileDef;
use super::load::BoardDefinitions;

impl BoardDefinitions {
    /// The same boards with `{CODE.title}` in titles and descriptions written out. A code nobody defines stays as it is
    /// written: the tile itself says that it names what is not there.
    #[must_use]
    pub fn named(mut self, indicators: &[IndicatorDef]) -> Self {
        self.each(|board| board.tiles.iter_mut().for_each(|tile| name(tile, indicators)));
        self
    }
}

fn name(tile: &mut TileDef, indicators: &[IndicatorDef]) {
    let named = |text: &mut String| {
        if let Ok(titled) = with_titles(text, indicators) {
            *text = titled;
        }
    };
    named(&mut tile.title);
    tile.description.iter_mut().for_each(named);
}

#[cfg(test)]
mod tests {
    use super::*;
    use pujiang_metrics::IndicatorDefinitions;

    /// A tile of one indicator is called what the indicator is called; others may say what they arrange and how.
    #[test]
    fn page_8_a_tile_of_one_figure_has_the_name_of_its_indicator() {
        let indicators = IndicatorDefinitions::builtin().expect("indicators");
        let boards = BoardDefinitions::builtin().expect("boards").named(indicators.all());
        for tile in boards.iter().flat_map(|board| &board.tiles) {
            assert!(!tile.title.contains('{'), "{}", tile.title);
            if let [only] = tile.indicators.as_slice() {
                let title = &indicators.get(only).expect("indicator").title;
                assert!(tile.title.starts_with(title.as_str()), "{} is not {title}", tile.title);
            }
        }
    }
}
