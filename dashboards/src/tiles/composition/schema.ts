import type { TileSchema } from '../kind'

export const schema: TileSchema = {
  kind: 'composition', title: '构成', description: '某维度各成员的数值与占比，从高到低',
  indicators: { min: 1, max: 1 }, dimension: 'required', grain: 'optional', periods: 'none',
  compare: ['share', 'yoy', 'mom'], limit: 'optional', minSpan: 3,
}
