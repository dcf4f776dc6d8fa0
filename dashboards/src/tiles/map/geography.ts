// The district boundaries on a plane: fetched once, each with an outline, its bounds and the spot with most room for a name.

import polylabel from 'polylabel'
import { ApiError } from '@/http/problem'

/** The small central districts that are drawn a second time, enlarged. */
export const CENTRAL = new Set(['310101', '310104', '310105', '310106', '310107', '310109', '310110'])

export interface Bounds { left: number; top: number; right: number; bottom: number }
export interface Shape {
  code: string
  name: string
  /** The outline as an SVG path in the units of the plane. */
  path: string
  bounds: Bounds
  /** The point farthest from every border, and how far that is. */
  spot: { x: number; y: number; room: number }
}

interface Feature { properties: { code: string; name: string }; geometry: { type: string; coordinates: unknown } }

// A degree of longitude is shorter than one of latitude by the cosine of Shanghai's latitude.
const SQUEEZE = Math.cos((31.2 * Math.PI) / 180)
const UNIT = 1000

function plane([lon = 0, lat = 0]: number[]): number[] {
  return [(lon - 121) * SQUEEZE * UNIT, (31.5 - lat) * UNIT]
}

export function shapeOf(feature: Feature): Shape {
  const { type, coordinates } = feature.geometry
  const polygons = (type === 'MultiPolygon' ? coordinates : [coordinates]) as number[][][][]
  const flat = polygons.map((rings) => rings.map((ring) => ring.map(plane)))
  const points = flat.flat(2)
  const xs = points.map((p) => p[0] ?? 0)
  const ys = points.map((p) => p[1] ?? 0)
  const spots = flat.map((rings) => polylabel(rings, 0.5)).sort((a, b) => b.distance - a.distance)
  const best = spots[0]
  return {
    ...feature.properties,
    path: flat.flatMap((rings) => rings.map((ring) => `M${ring.map((p) => `${(p[0] ?? 0).toFixed(1)} ${(p[1] ?? 0).toFixed(1)}`).join('L')}Z`)).join(''),
    bounds: { left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) },
    spot: { x: best?.[0] ?? 0, y: best?.[1] ?? 0, room: best?.distance ?? 0 },
  }
}

export function around(shapes: Shape[]): Bounds {
  return {
    left: Math.min(...shapes.map((s) => s.bounds.left)), right: Math.max(...shapes.map((s) => s.bounds.right)),
    top: Math.min(...shapes.map((s) => s.bounds.top)), bottom: Math.max(...shapes.map((s) => s.bounds.bottom)),
  }
}

let loading: Promise<Shape[]> | undefined

export function loadGeography(): Promise<Shape[]> {
  loading ??= fetchGeography().catch((error: unknown) => {
    loading = undefined
    throw error
  })
  return loading
}

async function fetchGeography(): Promise<Shape[]> {
  const answer = await fetch('/shanghai_districts.geojson')
  if (!answer.ok) throw new ApiError(answer.status, 'map_missing', '地图边界文件读取失败。')
  const { features } = (await answer.json()) as { features: Feature[] }
  const shapes: Shape[] = []
  for (const feature of features) {
    shapes.push(shapeOf(feature))
    await pause()
  }
  return shapes
}

/** Between two districts a click or a scroll is answered: all sixteen at once hold up a phone. */
function pause(): Promise<void> {
  return new Promise((done) => { setTimeout(done) })
}
