import type { TileKind } from '../kind'
import { schema } from './schema'
import view from './view.vue'

// Figures are the first thing on every surface, so their view is not split off.
export default { schema, view } satisfies TileKind
