// The picture: city on the left, the crowded centre enlarged beside it (below it on the phone).

import type { EChartsCoreOption } from 'echarts/core'
import { tooltipHtml, tooltipStyle } from '@/charts/tooltip'
import { change, figure, short, toNumber } from '@/format/figures'
import { shortDistrict } from '@/format/districts'
import { inkOn, inks, sequential } from '@/theme/palette'
import type { Row } from '../rows'
import { classIndex, type MapClass } from './classes'
import { CENTRAL, CENTRE, CITY, type Feature } from './geography'

export interface MapPicture {
  features: Feature[]
  rows: Map<string, Row>
  indicators: { id: string; title: string; type: string; unit: string; direction?: string | null }[]
  chosen: string
  classes: MapClass[]
  selected: string | null
  mayOpen: (code: string) => boolean
  dark: boolean
  scale: number
}

/** Where the two maps lie in a box; stacked when the box is taller than wide. */
export function layout(width: number, height: number, scale: number) {
  const gap = 12 * scale
  if (width < height * 1.15) {
    const top = height * 0.56
    return { city: { x: 0, y: 0, w: width, h: top }, centre: { x: 0, y: top + gap, w: width, h: height - top - gap }, stacked: true }
  }
  const cityWidth = Math.min(width * 0.55, height * 0.86)
  const rest = Math.min(width - cityWidth - gap, height * 0.95)
  const left = (width - cityWidth - gap - rest) / 2
  return { city: { x: left, y: 0, w: cityWidth, h: height }, centre: { x: left + cityWidth + gap, y: 0, w: rest, h: height * 0.98 }, stacked: false }
}

export function mapOption(p: MapPicture, width: number, height: number): EChartsCoreOption {
  const ink = inks(p.dark)
  const colours = sequential(p.classes.length, p.dark)
  const chosen = p.indicators.find((i) => i.id === p.chosen)
  const boxes = layout(width, height, p.scale)

  const font = { fontSize: (p.dark ? 14 : 11) * p.scale, lineHeight: (p.dark ? 18 : 14) * p.scale }

  const datum = (f: Feature, labelled: boolean) => {
    const code = f.properties.code
    const value = toNumber(p.rows.get(code)?.[p.chosen])
    const at = value === null ? -1 : classIndex(value, p.classes)
    const area = value === null ? ink.none : colours[at]
    const label = value === null ? ink.text3 : inkOn(area ?? ink.none)
    const picked = p.selected === code
    const border = { areaColor: area, borderColor: picked ? ink.text : ink.edge, borderWidth: (picked ? 2.5 : 1) * p.scale }
    return {
      name: f.properties.name,
      value: value ?? Number.NaN,
      itemStyle: border,
      cursor: p.mayOpen(code) ? 'pointer' : 'default',
      // The halo keeps a name readable where it crosses a boundary.
      label: { ...font, show: labelled, color: label, textBorderColor: area, textBorderWidth: 2 * p.scale },
      emphasis: { itemStyle: { ...border, borderColor: ink.text, borderWidth: 2 * p.scale }, label: { ...font, show: labelled, color: label } },
    }
  }
  const series = (map: string, box: { x: number; y: number; w: number; h: number }, labels: (f: Feature) => boolean, aspect: number, features: Feature[]) => ({
    type: 'map', map, nameProperty: 'name', roam: false, selectedMode: false, aspectScale: 0.856,
    layoutCenter: [box.x + box.w / 2, box.y + box.h / 2],
    layoutSize: Math.min(box.h, box.w / aspect) * 0.98,
    itemStyle: { areaColor: ink.none },
    label: {
      formatter: (d: { name: string; value: number }) => Number.isNaN(d.value) ? shortDistrict(d.name) : `${shortDistrict(d.name)}\n${short(d.value, chosen?.type ?? 'decimal')}`,
    },
    labelLayout: { hideOverlap: false },
    data: features.map((f) => datum(f, labels(f))),
  })

  return {
    animation: false,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
    tooltip: {
      ...tooltipStyle(ink, p.scale), trigger: 'item',
      formatter: (d: { name: string }) => tooltipOf(p, d.name),
    },
    series: [
      series(CITY, boxes.city, (f) => !CENTRAL.has(f.properties.code), 0.83, p.features),
      series(CENTRE, boxes.centre, () => true, 0.86, p.features.filter((f) => CENTRAL.has(f.properties.code))),
    ],
  }
}

function tooltipOf(p: MapPicture, name: string): string {
  const code = p.features.find((f) => f.properties.name === name)?.properties.code ?? ''
  const row = p.rows.get(code)
  if (!row) return tooltipHtml(name, [{ name: p.mayOpen(code) ? '本期没有数据' : '不在数据范围内', value: '' }])
  return tooltipHtml(name, p.indicators.flatMap((i) => {
    const f = figure(row[i.id], i.type, i.unit)
    const lines = [{ name: i.title, value: f.exact }]
    const yoy = row[`${i.id}.yoy`]
    if (i.id === p.chosen && yoy !== undefined) {
      const c = change(yoy, i.direction)
      lines.push({ name: '同比', value: `${c.arrow} ${c.text}`.trim() })
    }
    return lines
  }))
}
