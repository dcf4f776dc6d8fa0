//! All definitions, loaded and checked against each other: what `check` does, `serve` does. Rooms read their own files; here
//! the references between them are followed.

use std::sync::Arc;

use pujiang_definition::{
    BOARDS, COMPARISONS, DefinitionError, FEEDS, INDICATORS, Known, Layers, REPORTS, RESOURCES, ROLES, TABLES,
};
use pujiang_ingest::FeedDefinitions;
use pujiang_metrics::{ComparisonDefinitions, IndicatorDefinitions};
use pujiang_reports::ReportDefinitions;
use pujiang_security::Roles;
use pujiang_transactional::Definitions;
use pujiang_warehouse::Catalog;

use crate::boards::BoardDefinitions;

/// The definitions a server works by.
#[derive(Debug)]
pub struct DefinitionSet {
    /// Roles.
    pub roles: Arc<Roles>,
    /// Operational resources.
    pub resources: Arc<Definitions>,
    /// Lake tables.
    pub tables: Arc<Catalog>,
    /// Feeds.
    pub feeds: FeedDefinitions,
    /// Indicators.
    pub indicators: IndicatorDefinitions,
    /// Declared comparisons.
    pub comparisons: ComparisonDefinitions,
    /// Reports.
    pub reports: ReportDefinitions,
    /// Boards, their titles written out.
    pub boards: BoardDefinitions,
}

impl DefinitionSet {
    /// Loads everything and checks everything against everything.
    ///
    /// # Errors
    /// Every mistake of every file, in the order of files and lines.
    pub fn load(layers: &Layers) -> Result<Self, Vec<DefinitionError>> {
        let roles = Roles::load(layers);
        let resources = Definitions::load(layers);
        let tables = Catalog::load(layers);
        let feeds = FeedDefinitions::load(layers);
        let indicators = IndicatorDefinitions::load(layers);
        let comparisons = ComparisonDefinitions::load(layers);
        let reports = ReportDefinitions::load(layers);
        let boards = BoardDefinitions::load(layers);

        let mut known = Known::default();
        let (mut errors, mut references) = (Vec::new(), Vec::new());
        for (room, ids, named, found) in [
            (&ROLES, &roles.ids, &roles.references, &roles.errors),
            (&RESOURCES, &resources.ids, &resources.references, &resources.errors),
            (&TABLES, &tables.ids, &tables.references, &tables.errors),
            (&FEEDS, &feeds.ids, &feeds.references, &feeds.errors),
            (&INDICATORS, &indicators.ids, &indicators.references, &indicators.errors),
            (&COMPARISONS, &comparisons.ids, &comparisons.references, &comparisons.errors),
            (&REPORTS, &reports.ids, &reports.references, &reports.errors),
            (&BOARDS, &boards.ids, &boards.references, &boards.errors),
        ] {
            known.add(room, ids);
            references.extend(named);
            errors.extend_from_slice(found);
        }
        errors.extend(known.dangling(references));
        // What is wrong in itself would be found wrong again by whoever builds on it.
        let (right_tables, right_indicators) = (tables.errors.is_empty(), indicators.errors.is_empty());
        if right_tables {
            errors.extend(feeds.definitions.check_against(&tables.definitions));
            errors.extend(indicators.definitions.check_against(&tables.definitions));
        }
        if right_indicators {
            errors.extend(reports.definitions.check_against(indicators.definitions.all()));
            errors.extend(boards.definitions.check_against(&indicators.definitions));
        }
        if right_tables && right_indicators {
            errors
                .extend(comparisons.definitions.check_against(&indicators.definitions, &tables.definitions));
        }
        if !errors.is_empty() {
            errors.sort();
            errors.dedup();
            return Err(errors);
        }
        let indicators = indicators.definitions;
        Ok(Self {
            roles: Arc::new(roles.definitions),
            resources: Arc::new(resources.definitions),
            tables: tables.definitions,
            feeds: feeds.definitions,
            comparisons: comparisons.definitions,
            reports: reports.definitions,
            boards: boards.definitions.named(indicators.all()),
            indicators,
        })
    }
}
