//! The names of everything this process counts, in one list.

/// A series of the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Name {
    /// Requests answered.
    HttpRequests,
    /// How long answering took.
    HttpDuration,
    /// Seconds between a change and its arrival in the lake.
    FeedLag,
    /// Rows that came in.
    FeedRowsIn,
    /// Rows stored.
    FeedRowsStored,
    /// Rows in quarantine.
    FeedQuarantined,
    /// Delta version of a table.
    TableVersion,
    /// Rows of a table.
    TableRows,
    /// Data files of a table.
    TableFiles,
    /// Answers held by the indicator cache.
    CacheEntries,
    /// Bytes held by the indicator cache.
    CacheBytes,
    /// Answers served from the cache.
    CacheHits,
    /// Answers that had to be computed.
    CacheMisses,
    /// SQL questions by channel and ending.
    SqlQueries,
    /// SQL questions that wait for a turn.
    SqlWaiting,
    /// Bytes of answers that are not read yet.
    SqlUnread,
    /// Panics, caught or not.
    Panics,
    /// Clients of the PostgreSQL protocol now.
    WireConnections,
    /// Answers held by the SQL cache.
    SqlCacheEntries,
    /// Bytes held by the SQL cache.
    SqlCacheBytes,
    /// SQL answers served from the cache.
    SqlCacheHits,
    /// SQL answers that had to be computed.
    SqlCacheMisses,
    /// Questions that waited for an equal one under way.
    CacheJoined,
    /// Answers dropped because the room ran out.
    CacheEvicted,
}

impl Name {
    /// The series name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::HttpRequests => "pujiang_http_requests_total",
            Self::HttpDuration => "pujiang_http_request_duration_seconds",
            Self::FeedLag => "pujiang_feed_lag_seconds",
            Self::FeedRowsIn => "pujiang_feed_rows_in_total",
            Self::FeedRowsStored => "pujiang_feed_rows_stored_total",
            Self::FeedQuarantined => "pujiang_feed_rows_quarantined_total",
            Self::TableVersion => "pujiang_table_version",
            Self::TableRows => "pujiang_table_rows",
            Self::TableFiles => "pujiang_table_files",
            Self::CacheEntries => "pujiang_metrics_cache_entries",
            Self::CacheBytes => "pujiang_metrics_cache_bytes",
            Self::CacheHits => "pujiang_metrics_cache_hits_total",
            Self::CacheMisses => "pujiang_metrics_cache_misses_total",
            Self::SqlQueries => "pujiang_sql_queries_total",
            Self::SqlWaiting => "pujiang_sql_queries_waiting",
            Self::SqlUnread => "pujiang_sql_unread_bytes",
            Self::Panics => "pujiang_panics_total",
            Self::WireConnections => "pujiang_wire_connections",
            Self::SqlCacheEntries => "pujiang_sql_cache_entries",
            Self::SqlCacheBytes => "pujiang_sql_cache_bytes",
            Self::SqlCacheHits => "pujiang_sql_cache_hits_total",
            Self::SqlCacheMisses => "pujiang_sql_cache_misses_total",
            Self::CacheJoined => "pujiang_metrics_cache_joined_total",
            Self::CacheEvicted => "pujiang_metrics_cache_evicted_total",
        }
    }

    /// The line people read.
    pub fn help(self) -> &'static str {
        match self {
            Self::HttpRequests => "Requests answered.",
            Self::HttpDuration => "Seconds to answer a request.",
            Self::FeedLag => "Seconds from change to lake.",
            Self::FeedRowsIn => "Rows received by a feed.",
            Self::FeedRowsStored => "Rows stored by a feed.",
            Self::FeedQuarantined => "Rows put into quarantine, by reason.",
            Self::TableVersion => "Delta version of a table.",
            Self::TableRows => "Rows of a table.",
            Self::TableFiles => "Data files of a table.",
            Self::CacheEntries => "Answers in the indicator cache.",
            Self::CacheBytes => "Bytes in the indicator cache.",
            Self::CacheHits => "Indicator answers from the cache.",
            Self::CacheMisses => "Indicator answers computed.",
            Self::SqlQueries => "SQL questions, by channel and ending.",
            Self::SqlWaiting => "SQL questions waiting for a turn.",
            Self::SqlUnread => "Bytes of answers that are not read yet.",
            Self::Panics => "Panics of this process, caught or not.",
            Self::WireConnections => "Clients of the PostgreSQL protocol.",
            Self::SqlCacheEntries => "Answers in the SQL cache.",
            Self::SqlCacheBytes => "Bytes in the SQL cache.",
            Self::SqlCacheHits => "SQL answers from the cache.",
            Self::SqlCacheMisses => "SQL answers computed.",
            Self::CacheJoined => "Questions that waited for an equal one under way.",
            Self::CacheEvicted => "Answers dropped because the room ran out.",
        }
    }

    /// Counter, gauge or histogram.
    pub fn kind(self) -> &'static str {
        match self {
            Self::HttpDuration => "histogram",
            Self::FeedLag
            | Self::TableVersion
            | Self::TableRows
            | Self::TableFiles
            | Self::CacheEntries
            | Self::CacheBytes
            | Self::SqlWaiting
            | Self::SqlUnread
            | Self::WireConnections
            | Self::SqlCacheEntries
            | Self::SqlCacheBytes => "gauge",
            _ => "counter",
        }
    }
}
