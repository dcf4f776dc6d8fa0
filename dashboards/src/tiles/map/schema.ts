import type { TileSchema } from '../kind'

export const schema: TileSchema = {
  kind: 'map', title: '分区地图', description: '16 个区按所选指标分级着色，点击进入该区',
  indicators: { min: 1, max: 8 }, dimension: 'required', grain: 'optional', periods: 'none',
  compare: ['yoy', 'mom', 'share', 'rank'], limit: 'none', minSpan: 4,
}
