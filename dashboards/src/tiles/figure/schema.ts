import type { TileSchema } from '../kind'

export const schema: TileSchema = {
  kind: 'figure', title: '指标卡', description: '一个指标的当期值、单位、同比、环比与近 13 期走势',
  indicators: { min: 1, max: 1 }, dimension: 'none', grain: 'required', periods: 'required',
  compare: ['yoy', 'mom', 'cumulative'], limit: 'none', minSpan: 2,
}
