import type { TileSchema } from '../kind'

export const schema: TileSchema = {
  kind: 'table', title: '明细表', description: '某维度各成员的多个指标与同比，可按列排序',
  indicators: { min: 1, max: 12 }, dimension: 'required', grain: 'optional', periods: 'none',
  compare: ['yoy', 'mom', 'share', 'rank'], limit: 'optional', minSpan: 6,
}
