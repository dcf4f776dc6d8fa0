// The shapes of /api/v1 as the browser reads them. Everything the server may leave out is optional.

import type { Cell } from '@/format/figures'

export interface Scope { level: 'city' | 'district' | 'nothing' | string; districts: string[]; label: string }
export interface Principal {
  account: string; name: string; roles: string[]; permissions?: string[]; scope: Scope
  /** The account that looks through these eyes, if it is not the person itself. */
  viewer?: string | null
}

export interface About { name?: string; version?: string; demo?: boolean }

export interface Column { name: string; title: string; type: string; unit?: string | null }
export interface Indicator {
  id: string; title: string; description?: string; unit?: string; direction?: string | null
  dimensions?: string[]; grains?: string[]; derived?: string[]; type?: string
}

export interface TileDef {
  id: string; kind: string; title: string; description?: string | null; span?: number; indicators?: string[]; dimension?: string | null
  grain?: string | null; periods?: number | null; compare?: string[]; limit?: number | null
}
/** A member of a dimension; a hidden one is named where rows hold it and offered nowhere. */
export interface Member { code: string; title: string; colour?: string | null; parent?: string | null; hidden?: boolean }
/** What boards are filtered and split by, its members in the order to show; `all` are the words for all of them together. */
export interface Dimension { id: string; title: string; all: string; parent?: string | null; members: Member[] }
export interface FilterDef { id: string; kind: 'period' | 'dimension' | string; title: string; dimension?: string | null }
export interface BoardList { boards: BoardDef[]; dimensions?: Dimension[] }
export interface BoardDef { id: string; title: string; description?: string; tiles: TileDef[]; filters: FilterDef[] }

export type TileStateName = 'ok' | 'empty' | 'refused' | 'failed'
/** A stretch of time in which an indicator has no figure as a whole, or, with `compare`, no such change; and why. */
export interface Missing { indicator: string; from: string; to: string; code: string; reason: string; compare?: string | null }
export interface TileData {
  state: TileStateName; columns?: Column[]; rows?: Cell[][]; incomplete_from?: string | null; code?: string; detail?: string
  /** The last complete day the comparisons of a running period run to. */
  compared_until?: string | null
  missing?: Missing[]
  /** What all rows of a table are together, in the order of the columns. */
  whole?: Cell[] | null
  /** Chosen filters this tile does not follow because it is split by them, and the sentence about it. */
  ignored_filters?: string[]; note?: string | null
}
export interface PeriodInfo { value: string; from?: string; to?: string; label?: string; complete?: boolean; as_of?: string | null }
export interface BoardData {
  board: string; title?: string; period: PeriodInfo; tiles: Record<string, TileData>
  data_version?: string; scope: Scope; filters?: Record<string, unknown>; as_of?: string | null
}

export interface Choice { code: string; label: string }
export interface FieldDef {
  name: string; title: string; type: string; required?: boolean; unique?: boolean; enum?: (Choice | string)[] | null
  ref?: string | null; visibility?: string; readonly?: boolean; searchable?: boolean; in_list?: boolean; help?: string | null; max_length?: number | null
  generated?: boolean; format?: string | null
  /** False: shown, but not for this account to fill in. */
  writable?: boolean
  /** The sum of other fields the form may fill in; the server checks it. */
  computed?: { plus: string[]; minus: string[] } | null
  /** The district field in whose district the street must lie. */
  inside?: string | null
  /** States the record a reference leads to must be in, and fields in which it must agree with this one. */
  must_be?: string[]; same?: string[]
  group?: string | null; default?: Cell; max?: number | null; precision?: number | null; scale?: number | null
}
export interface ActionDef {
  id: string; title: string; from?: string[]; to?: string; allowed?: boolean; reason_required?: boolean
  /** `danger`: it cannot simply be taken back. */
  tone?: 'normal' | 'danger' | string
}
/** A state, with what this account may do with records in it. */
export interface StateDef extends Choice {
  /** Fields changed directly, and those changed by a request that somebody else reviews. */
  edit?: string[]; review?: string[]
  delete?: 'free' | 'reason' | 'never' | string
  /** What to do instead of what is refused. */
  remedy?: string
}
export interface ResourceDef {
  id: string; title: string; group?: string; description?: string; fields: FieldDef[]; states?: StateDef[]; actions?: ActionDef[]
  can?: { create?: boolean; update?: boolean; delete?: boolean; export?: boolean }
  display?: string | null
  /** Partners deliver such records to the lake as well: boards and queries have them, this list does not. */
  partner_records?: boolean
}
export type Item = { id: string; row_version?: number; state?: string } & Record<string, unknown>
export interface ItemPage {
  items: Item[]; page?: { next?: string | null; size?: number }; total?: number | null; data_version?: string; scope?: Scope
}

export interface ImportAnswer {
  /** `rows` counts rows with content; `row` of a failed one is its line in the file, and `cells` what the server read there. */
  preview?: boolean; rows: number; accepted: number
  failed: { row: number; cells: string[]; errors: { field: string; code: string; message: string }[] }[]
  columns?: { heading: string; field: string; title: string }[]
}
/** What was done to a record, newest first. */
export interface HistoryEntry {
  at: string; actor: string; actor_name?: string | null; action: string; title?: string | null; reason?: string | null
  changes?: { field: string; title?: string | null; from?: string | null; to?: string | null }[]
}
export type FieldChange = NonNullable<HistoryEntry['changes']>[number]
export interface RecordHistory { items: HistoryEntry[]; more?: boolean }
/** Something somebody decides: a change that needs a review, or a number two records hold. */
export interface Task {
  id: string; kind: 'change' | 'duplicate' | string; title: string; resource: string; resource_title: string; record_id: string; record_title?: string | null
  changes: FieldChange[]; reason?: string | null; applicant: string; applicant_name?: string | null; applied_at: string; state: 'open' | 'approved' | 'refused' | 'withdrawn' | string
  decided_by?: string | null; decided_by_name?: string | null; decided_at?: string | null; decision_reason?: string | null
  decisions: { id: string; title: string; reason_required: boolean }[]; other?: { id: string; title?: string | null; district: string } | null
}

export interface RunFile { name: string; scope?: string; format?: string; bytes?: number }
export interface Run {
  id?: string; run_id?: string; run?: string; state?: string; period?: string; started_at?: string; finished_at?: string
  created_at?: string; due?: string | null; due_at?: string | null; cause?: string; trigger?: string; files?: RunFile[] | number; error?: string | null; data_version?: string
}
export interface ReportDef {
  id: string; title: string; description?: string; schedule?: string; schedule_label?: string; formats?: string[]; last_run?: Run | string | null
}

export interface Message {
  id: string; title: string; body?: string; created_at?: string; read_at?: string | null; links?: { title: string; href: string }[]
}

export interface FeedStatus {
  files?: number; rows_in?: number; rows_stored?: number; duplicates_merged?: number; superseded?: number; deleted?: number; quarantined?: Record<string, number>
  files_refused?: Record<string, number>; last_run?: string | null; lag_seconds?: number | null
  /** How the rows add up, in words; `unaccounted` is 0 unless something is wrong. */
  accounting?: string; unaccounted?: number
  /** Files on which reading broke off, and what to do with them. */
  set_aside?: string[]; set_aside_advice?: string
}
export interface Feed { id: string; title: string; kind?: string; description?: string; status?: FeedStatus; formats?: string[] }
export interface QuarantineRow {
  id: string | number; file?: string; row_no?: number; reason: string; reason_label?: string; detail?: string
  created_at?: string; state?: string; raw?: string | null
}
export interface SqlAnswer { columns: Column[]; rows: Cell[][]; data_version?: string; scope?: Scope; truncated?: boolean; duration_ms?: number }

/** What the SQL page may name: hidden columns are not in it. */
export interface CatalogColumn { name: string; title: string; type: string; treatment: 'clear' | 'masked' | 'pseudonymised' | string; treatment_label: string }
export interface CatalogTable {
  name: string; title: string; description?: string; kind: 'district' | 'reference' | string; columns: CatalogColumn[]
  examples: { title: string; sql: string }[]
}
export interface SqlCatalog { tables: CatalogTable[]; first?: string | null; scope: Scope }

/** A role as its definition says, with its rights in words. */
export interface RoleInfo { id: string; title: string; description: string; rights: { id: string; title: string }[]; assignments: { id: string; title: string }[]; separate_from: string[] }
/** An account as administrators see it; a role without a definition says so in its title. */
export interface AccountInfo { account: string; name: string; roles: string[]; assignments: string[]; demonstration: boolean; active: boolean; last_login_at: string | null }
export interface LogEntry {
  seq: number; at: string; actor: string; actor_name?: string | null; viewer?: string | null; origin?: string | null; action: string; action_title?: string | null
  target_type: string; target_title?: string | null; target_id: string; reason?: string | null; result: string; fields?: string[]; before?: unknown; after?: unknown
}
export interface LogPage { items: LogEntry[]; next: number | null }

/** Whom and what a security administrator may ask about; no rows. */
export interface AccessAccount { account: string; name: string; roles: string[]; scope: string; active: boolean }
export interface AccessTable { name: string; title: string; key: string; key_title: string }
export interface AccessSubjects { accounts: AccessAccount[]; tables: AccessTable[]; first?: string | null }
export interface Why {
  table: { name: string; title: string }
  account: { account: string; name: string; roles: string[]; assignments: string[]; scope: Scope }
  row: { state: 'shown' | 'hidden' | 'absent' | string; sentence: string; reasons: string[] }
  columns: { name: string; title: string; treatment: string; treatment_label: string; sentence: string }[]
  data_version?: string
}

/** A declared aggregate a district may compare itself with. */
export interface ComparisonDef { id: string; title: string; description?: string; indicator: string; unit?: string; type?: string; statistics: string[]; dimensions: string[]; minimum: number }
export interface ComparisonRow {
  slot: 'total' | 'member' | string; member?: string | null; district: string; district_name: string; own: string | null; average: string | null
  rank_text: string | null; of: number | null; quartile: number | null; state: 'shown' | 'small' | 'held_back' | string
}
export interface ComparisonAnswer { comparison: string; title: string; unit?: string; minimum: number; rows: ComparisonRow[]; data_version?: string; scope?: Scope }
