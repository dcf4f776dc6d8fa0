// All tile kinds, found by folder.

import type { TileKind } from './kind'

const modules = import.meta.glob<{ default: TileKind }>('./*/index.ts', { eager: true })

export const tileKinds: Map<string, TileKind> = new Map(
  Object.values(modules).map((m) => [m.default.schema.kind, m.default]),
)
