//! The rooms that keep definitions: where their files lie below a root and what one of them is called. What the files say
//! is known to the rooms alone.

/// How the files of a room are arranged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// `<id>.toml`.
    Flat,
    /// `<area>/<id>.toml`; ids are unique over all areas.
    Areas,
}

/// A kind of definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Folder below a root of definitions.
    pub folder: &'static str,
    /// How its files are arranged.
    pub shape: Shape,
    /// What one definition is called in Chinese.
    pub thing: &'static str,
    /// Whether a tree may lack the room.
    pub presence: Presence,
}

/// Whether a tree may lack a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// A tree without it is none.
    Required,
    /// It may have nothing of the kind.
    Optional,
}

impl Room {
    const fn new(folder: &'static str, shape: Shape, thing: &'static str) -> Self {
        Self { folder, shape, thing, presence: Presence::Required }
    }

    /// How many folders lie between the room's folder and its files.
    pub(crate) fn depth(&self) -> usize {
        match self.shape {
            Shape::Flat => 0,
            Shape::Areas => 1,
        }
    }

    const fn optional(self) -> Self {
        Self { presence: Presence::Optional, ..self }
    }
}

/// Roles.
pub const ROLES: Room = Room::new("security/roles", Shape::Flat, "角色");
/// Operational resources.
pub const RESOURCES: Room = Room::new("transactional/resources", Shape::Flat, "资源");
/// Feeds.
pub const FEEDS: Room = Room::new("ingest/feeds", Shape::Flat, "数据接入");
/// Lake tables.
pub const TABLES: Room = Room::new("warehouse/tables", Shape::Areas, "数据表");
/// Dimensions: what figures are broken down and filtered by.
pub const DIMENSIONS: Room = Room::new("metrics/dimensions", Shape::Flat, "维度");
/// Indicators.
pub const INDICATORS: Room = Room::new("metrics/indicators", Shape::Areas, "指标");
/// Declared comparisons.
pub const COMPARISONS: Room = Room::new("metrics/comparisons", Shape::Flat, "对比").optional();
/// Reports.
pub const REPORTS: Room = Room::new("reports/definitions", Shape::Flat, "报表");
/// Boards.
pub const BOARDS: Room = Room::new("dashboards/boards", Shape::Flat, "看板");

/// Every room with definitions.
pub const ROOMS: [Room; 9] =
    [ROLES, RESOURCES, FEEDS, TABLES, DIMENSIONS, INDICATORS, COMPARISONS, REPORTS, BOARDS];

/// Folder of the templates of reports, `<id>/main.typ`: not definitions, but laid over each other the same way.
pub const TEMPLATES: &str = "reports/templates";
