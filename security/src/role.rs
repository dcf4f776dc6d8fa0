//! Roles of people and what each may do. Which rows they may do it on is `scope`.

use std::fmt;
use std::str::FromStr;

/// What a person is employed as. The three administrators (system, security, audit) are kept apart and see no
/// business data by their role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// 市级人员: analyses and reviews for the whole city.
    CityAnalyst,
    /// 区级人员: enters and reads records of own districts.
    DistrictClerk,
    /// 街镇人员: enters and reads records of own streets.
    StreetClerk,
    /// 单位经办人: reads what belongs to the own organisation and those below it.
    UnitClerk,
    /// 优待对象本人: reads what belongs to the own person.
    Holder,
    /// 领导: boards only.
    Leader,
    /// 系统管理员: accounts, feeds and definitions.
    SysAdmin,
    /// 安全管理员: accounts, why a row is shown, and the eyes of another account.
    SecAdmin,
    /// 审计管理员: audit log.
    Auditor,
}

/// One thing a principal may be allowed to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Permission {
    /// Read records of resources.
    ResourceRead,
    /// Create, change and delete records.
    ResourceWrite,
    /// Make the transitions reserved to the city.
    ResourceReview,
    /// Take lists out as files.
    Export,
    /// Ask for indicators.
    MetricsQuery,
    /// See boards.
    BoardView,
    /// See and download reports.
    ReportView,
    /// Start report runs.
    ReportRun,
    /// Ask read-only SQL.
    SqlQuery,
    /// See feeds and quarantine.
    FeedView,
    /// Replay quarantine and push batches.
    FeedManage,
    /// Manage accounts.
    AccountManage,
    /// Look at, apply and take back definitions.
    DefinitionManage,
    /// Read and verify the audit log.
    AuditRead,
    /// Ask which assignment shows or hides a row to an account.
    AccessExplain,
    /// Look through the eyes of another account.
    ViewAs,
}

/// A text that names no role.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("没有角色“{0}”")]
pub struct UnknownRole(pub String);

impl Role {
    /// Every role.
    pub const ALL: [Role; 9] = [
        Role::CityAnalyst,
        Role::DistrictClerk,
        Role::StreetClerk,
        Role::UnitClerk,
        Role::Holder,
        Role::Leader,
        Role::SysAdmin,
        Role::SecAdmin,
        Role::Auditor,
    ];

    /// Stable name in storage, definitions and HTTP.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::CityAnalyst => "city_analyst",
            Role::DistrictClerk => "district_clerk",
            Role::StreetClerk => "street_clerk",
            Role::UnitClerk => "unit_clerk",
            Role::Holder => "holder",
            Role::Leader => "leader",
            Role::SysAdmin => "sys_admin",
            Role::SecAdmin => "sec_admin",
            Role::Auditor => "auditor",
        }
    }

    /// Chinese name for people.
    pub fn title(self) -> &'static str {
        match self {
            Role::CityAnalyst => "市级人员",
            Role::DistrictClerk => "区级人员",
            Role::StreetClerk => "街镇人员",
            Role::UnitClerk => "单位经办人",
            Role::Holder => "优待对象本人",
            Role::Leader => "领导",
            Role::SysAdmin => "系统管理员",
            Role::SecAdmin => "安全管理员",
            Role::Auditor => "审计管理员",
        }
    }

    /// What the role may do.
    pub fn permissions(self) -> &'static [Permission] {
        use Permission::*;
        match self {
            Role::CityAnalyst => &[
                ResourceRead,
                ResourceWrite,
                ResourceReview,
                Export,
                MetricsQuery,
                BoardView,
                ReportView,
                ReportRun,
                SqlQuery,
                FeedView,
                FeedManage,
            ],
            Role::DistrictClerk => {
                &[ResourceRead, ResourceWrite, Export, MetricsQuery, BoardView, ReportView, SqlQuery]
            }
            Role::StreetClerk => &[ResourceRead, ResourceWrite, MetricsQuery, BoardView, SqlQuery],
            Role::UnitClerk => &[ResourceRead, MetricsQuery, BoardView, SqlQuery],
            Role::Holder => &[ResourceRead, SqlQuery],
            Role::Leader => &[MetricsQuery, BoardView],
            Role::SysAdmin => &[FeedView, FeedManage, AccountManage, DefinitionManage],
            Role::SecAdmin => &[AccountManage, AccessExplain, ViewAs],
            Role::Auditor => &[AuditRead],
        }
    }

    /// Whether the role gives sight of business data.
    pub fn reads_data(self) -> bool {
        self.permissions().iter().any(|permission| permission.reads_data())
    }
}

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Role::ALL.into_iter().find(|r| r.as_str() == text).ok_or_else(|| UnknownRole(text.to_owned()))
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Permission {
    /// Every permission.
    pub const ALL: [Permission; 16] = [
        Permission::ResourceRead,
        Permission::ResourceWrite,
        Permission::ResourceReview,
        Permission::Export,
        Permission::MetricsQuery,
        Permission::BoardView,
        Permission::ReportView,
        Permission::ReportRun,
        Permission::SqlQuery,
        Permission::FeedView,
        Permission::FeedManage,
        Permission::AccountManage,
        Permission::DefinitionManage,
        Permission::AuditRead,
        Permission::AccessExplain,
        Permission::ViewAs,
    ];

    /// Stable name in HTTP.
    pub fn as_str(self) -> &'static str {
        match self {
            Permission::ResourceRead => "resource_read",
            Permission::ResourceWrite => "resource_write",
            Permission::ResourceReview => "resource_review",
            Permission::Export => "export",
            Permission::MetricsQuery => "metrics_query",
            Permission::BoardView => "board_view",
            Permission::ReportView => "report_view",
            Permission::ReportRun => "report_run",
            Permission::SqlQuery => "sql_query",
            Permission::FeedView => "feed_view",
            Permission::FeedManage => "feed_manage",
            Permission::AccountManage => "account_manage",
            Permission::DefinitionManage => "definition_manage",
            Permission::AuditRead => "audit_read",
            Permission::AccessExplain => "access_explain",
            Permission::ViewAs => "view_as",
        }
    }

    /// Whether it gives sight of business data and changes, starts or takes out nothing. These are what is left to
    /// whoever looks through another account's eyes; the audit log is not among them, since a security administrator
    /// must not read it by way of an auditor.
    pub fn reads_data(self) -> bool {
        use Permission::*;
        matches!(self, ResourceRead | MetricsQuery | BoardView | ReportView | SqlQuery | FeedView)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back() {
        for role in Role::ALL {
            assert_eq!(role.as_str().parse(), Ok(role));
        }
        assert!("root".parse::<Role>().is_err());
    }

    #[test]
    fn every_permission_belongs_to_some_role() {
        for p in Permission::ALL {
            assert!(Role::ALL.iter().any(|r| r.permissions().contains(&p)), "{p:?}");
        }
    }

    #[test]
    fn administrators_have_no_business_data() {
        use Permission::*;
        for role in [Role::SysAdmin, Role::SecAdmin, Role::Auditor] {
            for p in [ResourceRead, ResourceWrite, Export, MetricsQuery, BoardView, ReportView, SqlQuery] {
                assert!(!role.permissions().contains(&p), "{role} {p:?}");
            }
        }
    }
}
