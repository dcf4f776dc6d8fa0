// What a tile kind is. Each folder beside this file brings one: schema, view, registration (index.ts) and test.

import type { Component } from 'vue'
import type { Dimension, Indicator, PeriodInfo, TileData, TileDef } from '@/http/types'

type Rule = 'required' | 'optional' | 'none'

/** Which attributes of `[[tile]]` the kind reads; the boards test refuses a board file that breaks them. */
export interface TileSchema {
  kind: string
  title: string
  description: string
  indicators: { min: number; max: number }
  dimension: Rule
  grain: Rule
  periods: Rule
  compare: string[]
  limit: Rule
  minSpan: number
}

export interface TileContext {
  dictionary: Map<string, Indicator>
  period: PeriodInfo | null
  asOf: string
  /** Which filters the shown data answer; a changed figure flashes only while this stays. */
  filterKey: string
  district: string | null
  /** The member chosen of each dimension, the district too. */
  chosen: Record<string, string>
  dimensions: Map<string, Dimension>
  /** Districts outside the viewer's scope are drawn empty and cannot be opened. */
  mayOpen: (district: string) => boolean
  drill: (district: string) => void
  mapIndicator: string | null
  chooseMapIndicator: (id: string) => void
  /** What the whole is called: the city or the own range. */
  wholeTitle: string
  dark: boolean
  scale: number
  phone: boolean
}

export interface TileProps {
  def: TileDef; data: TileData; context: TileContext
  /** Why a figure is missing, in the server's words; empty when none is. */
  why?: string
  /** Why changes are missing beside a figure that is there. */
  uncompared?: string
}

export interface TileKind {
  schema: TileSchema
  view: Component
}

export function checkTile(def: TileDef, schema: TileSchema): string[] {
  const wrong: string[] = []
  const at = `${def.id} (${def.kind})`
  const count = def.indicators?.length ?? 0
  if (count < schema.indicators.min || count > schema.indicators.max) {
    wrong.push(`${at}: indicators: name ${schema.indicators.min} to ${schema.indicators.max}, found ${count}`)
  }
  const rules: [string, Rule, unknown][] = [
    ['dimension', schema.dimension, def.dimension], ['grain', schema.grain, def.grain],
    ['periods', schema.periods, def.periods], ['limit', schema.limit, def.limit],
  ]
  for (const [name, rule, value] of rules) {
    const given = value !== undefined && value !== null
    if (rule === 'required' && !given) wrong.push(`${at}: ${name}: is required`)
    if (rule === 'none' && given) wrong.push(`${at}: ${name}: this kind does not read it, remove it`)
  }
  for (const form of def.compare ?? []) {
    if (!schema.compare.includes(form)) wrong.push(`${at}: compare: "${form}" is not shown by this kind; one of ${schema.compare.join(', ')}`)
  }
  const span = def.span ?? 12
  if (span < schema.minSpan || span > 12) wrong.push(`${at}: span: between ${schema.minSpan} and 12`)
  return wrong
}
