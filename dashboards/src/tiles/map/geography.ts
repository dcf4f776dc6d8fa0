// The district boundaries, registered with ECharts once: the whole city, and its seven small central districts enlarged.

import { echarts } from '@/charts/echarts'
import { ApiError } from '@/http/problem'

export const CITY = 'shanghai'
export const CENTRE = 'shanghai-centre'
export const CENTRAL = new Set(['310101', '310104', '310105', '310106', '310107', '310109', '310110'])

export interface Feature { properties: { code: string; name: string }; [key: string]: unknown }
let loading: Promise<Feature[]> | undefined

export function loadGeography(): Promise<Feature[]> {
  loading ??= fetchGeography().catch((error: unknown) => {
    loading = undefined
    throw error
  })
  return loading
}

async function fetchGeography(): Promise<Feature[]> {
  const answer = await fetch('/shanghai_districts.geojson')
  if (!answer.ok) throw new ApiError(answer.status, 'map_missing', '地图边界文件读取失败。')
  const geo = (await answer.json()) as { features: Feature[] }
  const of = (features: Feature[]) => ({ geoJSON: { type: 'FeatureCollection', features } }) as unknown as Parameters<typeof echarts.registerMap>[1]
  echarts.registerMap(CITY, of(geo.features))
  echarts.registerMap(CENTRE, of(geo.features.filter((f) => CENTRAL.has(f.properties.code))))
  return geo.features
}
