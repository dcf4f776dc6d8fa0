//! All definitions, loaded and checked against each other: what `check` does, `serve` does. Rooms read their own files; here
//! the references between them are followed, and what resources say of the lake is handed to tables and feeds.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use pujiang_definition::{
    BOARDS, COMPARISONS, DIMENSIONS, DefinitionError, FEEDS, INDICATORS, Known, Layers, REPORTS, RESOURCES,
    ROLES, TABLES,
};
use pujiang_ingest::FeedDefinitions;
use pujiang_metrics::{ComparisonDefinitions, DimensionDefinitions, IndicatorDefinitions};
use pujiang_reports::ReportDefinitions;
use pujiang_security::Roles;
use pujiang_transactional::Definitions;
use pujiang_warehouse::Catalog;

use crate::boards::BoardDefinitions;
use crate::codes;

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
    /// Indicators, with their dimensions.
    pub indicators: IndicatorDefinitions,
    /// Declared comparisons.
    pub comparisons: ComparisonDefinitions,
    /// Reports.
    pub reports: ReportDefinitions,
    /// Boards, their titles written out.
    pub boards: BoardDefinitions,
    /// The ids there are, by the folder of their room.
    pub ids: BTreeMap<&'static str, BTreeSet<String>>,
}

impl DefinitionSet {
    /// Loads everything and checks everything against everything.
    ///
    /// # Errors
    /// Every mistake of every file, in the order of files and lines.
    pub fn load(layers: &Layers) -> Result<Self, Vec<DefinitionError>> {
        let roles = Roles::load(layers);
        let resources = Definitions::load(layers);
        let forms = resources.definitions.lake_forms().sound(&resources.errors);
        let tables = Catalog::load(layers, &forms);
        let feeds = FeedDefinitions::load(layers);
        let dimensions = DimensionDefinitions::load(layers);
        let indicators = IndicatorDefinitions::load(layers);
        let comparisons = ComparisonDefinitions::load(layers);
        let reports = ReportDefinitions::load(layers);
        let boards = BoardDefinitions::load(layers);

        let mut known = Known::default();
        let (mut errors, mut references) = (layers.errors().to_vec(), Vec::new());
        let mut by_room = BTreeMap::new();
        for (room, ids, named, found) in [
            (&ROLES, &roles.ids, &roles.references, &roles.errors),
            (&RESOURCES, &resources.ids, &resources.references, &resources.errors),
            (&TABLES, &tables.ids, &tables.references, &tables.errors),
            (&FEEDS, &feeds.ids, &feeds.references, &feeds.errors),
            (&DIMENSIONS, &dimensions.ids, &dimensions.references, &dimensions.errors),
            (&INDICATORS, &indicators.ids, &indicators.references, &indicators.errors),
            (&COMPARISONS, &comparisons.ids, &comparisons.references, &comparisons.errors),
            (&REPORTS, &reports.ids, &reports.references, &reports.errors),
            (&BOARDS, &boards.ids, &boards.references, &boards.errors),
        ] {
            known.add(room, ids);
            by_room.insert(room.folder, ids.clone());
            references.extend(named);
            errors.extend_from_slice(found);
        }
        let right_resources = resources.errors.is_empty();
        if !right_resources {
            // The table of a resource with mistakes is missing because of them, and for no other reason.
            known.add(&TABLES, &resources.ids);
        }
        errors.extend(known.dangling(references));
        // What is wrong in itself would be found wrong again by whoever builds on it.
        let right_tables = right_resources && tables.errors.is_empty();
        let right_indicators = indicators.errors.is_empty() && dimensions.errors.is_empty();
        let (streamed, unfit) = feeds.definitions.streamed(&forms, &tables.definitions);
        if right_tables {
            errors.extend(unfit);
            errors.extend(dimensions.definitions.check_against(&tables.definitions));
            errors.extend(streamed.check_against(&tables.definitions));
            errors.extend(indicators.definitions.check_against(&tables.definitions));
        }
        if right_indicators {
            errors.extend(reports.definitions.check_against(indicators.definitions.all()));
            errors.extend(boards.definitions.check_against(&indicators.definitions));
        }
        if right_indicators && resources.errors.is_empty() {
            errors.extend(codes::unlisted(&resources.definitions, &indicators.definitions));
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
            feeds: streamed,
            comparisons: comparisons.definitions,
            reports: reports.definitions,
            boards: boards.definitions.named(indicators.all()),
            indicators,
            ids: by_room,
        })
    }
}
