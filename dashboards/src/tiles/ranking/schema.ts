import type { TileSchema } from '../kind'

export const schema: TileSchema = {
  kind: 'ranking', title: '排名', description: '某维度成员按指标从高到低，条形从零起',
  indicators: { min: 1, max: 1 }, dimension: 'required', grain: 'optional', periods: 'none',
  compare: ['rank', 'yoy', 'mom', 'share'], limit: 'optional', minSpan: 3,
}
