//! What a principal may be allowed to do. Code asks for permissions and never for roles; which role has which is said by
//! the role's file.

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

/// Kinds of work that one role may combine or must not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Duty {
    /// Business data: reading, changing, taking out.
    Business,
    /// Feeds and their quarantine.
    Feeds,
    /// Accounts.
    Accounts,
    /// Definitions, among them what each role may do.
    Definitions,
    /// Who sees what.
    Security,
    /// The audit log.
    Audit,
}

impl Duty {
    /// Whether one role may have both: whoever keeps accounts, definitions, access or the log sees no business data,
    /// whoever says what roles may do looks through nobody's eyes, and whoever reads the log does nothing that the log
    /// tells of.
    pub(crate) fn goes_with(self, other: Self) -> bool {
        use Duty::*;
        self == other
            || matches!(
                (self, other),
                (Business, Feeds)
                    | (Feeds, Business)
                    | (Feeds, Accounts)
                    | (Accounts, Feeds)
                    | (Feeds, Definitions)
                    | (Definitions, Feeds)
                    | (Accounts, Definitions)
                    | (Definitions, Accounts)
                    | (Accounts, Security)
                    | (Security, Accounts)
            )
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

    /// Stable name in definitions and HTTP.
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

    /// Chinese name for people.
    pub fn title(self) -> &'static str {
        match self {
            Permission::ResourceRead => "查看业务数据",
            Permission::ResourceWrite => "登记和修改业务数据",
            Permission::ResourceReview => "市级审核",
            Permission::Export => "导出",
            Permission::MetricsQuery => "查询指标",
            Permission::BoardView => "查看看板",
            Permission::ReportView => "查看报表",
            Permission::ReportRun => "生成报表",
            Permission::SqlQuery => "SQL 查询",
            Permission::FeedView => "查看数据接入",
            Permission::FeedManage => "管理数据接入",
            Permission::AccountManage => "管理账号",
            Permission::DefinitionManage => "管理定义",
            Permission::AuditRead => "查看审计日志",
            Permission::AccessExplain => "查看权限说明",
            Permission::ViewAs => "以他人身份查看",
        }
    }

    /// Whether it gives sight of business data and changes, starts or takes out nothing. These are what is left to
    /// whoever looks through another account's eyes; the audit log is not among them, since a security administrator
    /// must not read it by way of an auditor.
    pub fn reads_data(self) -> bool {
        use Permission::*;
        matches!(self, ResourceRead | MetricsQuery | BoardView | ReportView | SqlQuery | FeedView)
    }

    /// The kind of work it belongs to.
    pub(crate) fn duty(self) -> Duty {
        use Permission::*;
        match self {
            ResourceRead | ResourceWrite | ResourceReview | Export | MetricsQuery | BoardView
            | ReportView | ReportRun | SqlQuery => Duty::Business,
            FeedView | FeedManage => Duty::Feeds,
            AccountManage => Duty::Accounts,
            DefinitionManage => Duty::Definitions,
            AccessExplain | ViewAs => Duty::Security,
            AuditRead => Duty::Audit,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_goes_with_nothing_and_business_with_no_administration() {
        use Duty::*;
        let all = [Business, Feeds, Accounts, Definitions, Security, Audit];
        let together = |one: Duty| all.into_iter().filter(|other| one.goes_with(*other)).collect::<Vec<_>>();
        assert_eq!(together(Audit), [Audit]);
        assert_eq!(together(Business), [Business, Feeds]);
        assert_eq!(together(Feeds), [Business, Feeds, Accounts, Definitions]);
        assert_eq!(together(Accounts), [Feeds, Accounts, Definitions, Security]);
        assert_eq!(together(Definitions), [Feeds, Accounts, Definitions]);
        assert_eq!(together(Security), [Accounts, Security]);
    }

    #[test]
    fn what_shows_business_data_is_business_or_feeds() {
        for permission in Permission::ALL.into_iter().filter(|permission| permission.reads_data()) {
            assert!(matches!(permission.duty(), Duty::Business | Duty::Feeds), "{permission:?}");
        }
    }
}
