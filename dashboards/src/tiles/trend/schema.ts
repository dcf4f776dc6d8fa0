import type { TileSchema } from '../kind'

export const schema: TileSchema = {
  kind: 'trend', title: '走势', description: '按月走势，本年与上年对照；可在几个指标间切换',
  indicators: { min: 1, max: 6 }, dimension: 'none', grain: 'required', periods: 'required',
  compare: ['yoy', 'mom', 'cumulative'], limit: 'none', minSpan: 4,
}
