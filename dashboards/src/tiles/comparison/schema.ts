import type { TileSchema } from '../kind'

export const schema: TileSchema = {
  kind: 'comparison', title: '与全市比较', description: '本区的数、全市各区平均与名次；人数过少或可能推算出他区的格子不显示',
  indicators: { min: 1, max: 4 }, dimension: 'none', grain: 'none', periods: 'none',
  compare: [], limit: 'none', minSpan: 4,
}
