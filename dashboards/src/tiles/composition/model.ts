// Members from high to low with the share the server computed.

import { change, figure, share, toNumber, type Change, type Figure } from '@/format/figures'
import type { Indicator, Member, TileData, TileDef } from '@/http/types'
import { colourOf } from '@/theme/palette'
import { changeColumn, indicatorType, indicatorUnit, memberTitle, readRows } from '../rows'

export interface Part { code: string; title: string; value: Figure; share: string; width: number; yoy: Change | null; colour: string }

export function compositionModel(def: TileDef, data: TileData, dictionary: Map<string, Indicator>, members: readonly Member[]): Part[] {
  const id = def.indicators?.[0] ?? ''
  const dimension = def.dimension ?? ''
  const type = indicatorType(data, id, dictionary)
  const unit = indicatorUnit(data, id, dictionary)
  return readRows(data)
    .sort((a, b) => (toNumber(b[id]) ?? -1) - (toNumber(a[id]) ?? -1))
    .map((row) => {
      const part = toNumber(row[`${id}.share`])
      const code = String(row[dimension] ?? '')
      return {
        code, title: memberTitle(row, dimension), value: figure(row[id], type, unit),
        share: share(row[`${id}.share`]), width: Math.max(0, (part ?? 0) * 100),
        yoy: def.compare?.includes('yoy') ? change(row[`${id}.yoy`], dictionary.get(id)?.direction, changeColumn(data, `${id}.yoy`)) : null,
        colour: colourOf(members, code),
      }
    })
}
