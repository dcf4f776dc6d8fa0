import { defineAsyncComponent } from 'vue'
import type { TileKind } from '../kind'
import { schema } from './schema'

export default { schema, view: defineAsyncComponent(() => import('./view.vue')) } satisfies TileKind
