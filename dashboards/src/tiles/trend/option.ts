// Two lines, labelled at their ends; a month that is not over is drawn dashed and hollow.

import type { EChartsCoreOption } from 'echarts/core'
import { tooltipHtml, tooltipStyle } from '@/charts/tooltip'
import { axisText, change, figure } from '@/format/figures'
import { inks } from '@/theme/palette'
import type { TrendModel, YearLine } from './model'

export interface TrendPicture {
  model: TrendModel
  type: string
  unit: string
  direction?: string | null
  dark: boolean
  scale: number
}

const MONTHS = Array.from({ length: 12 }, (_, i) => `${i + 1}月`)

export function trendOption(p: TrendPicture, width: number): EChartsCoreOption {
  const ink = inks(p.dark)
  const lines = [
    ...(p.model.previous ? [{ line: p.model.previous, colour: ink.last, width: 1.5, main: false }] : []),
    { line: p.model.current, colour: ink.accent, width: 2.25, main: true },
  ]
  const font = (p.dark ? 16 : 12) * p.scale
  const series = lines.flatMap(({ line, colour, width: stroke, main }) => {
    const whole = line.months.map((m) => (m && !m.incomplete ? m.value : null))
    const style = { color: colour, width: stroke * p.scale }
    const base = {
      type: 'line', name: line.year, symbol: 'circle', symbolSize: (main ? 6 : 4) * p.scale, showSymbol: main, connectNulls: false,
      itemStyle: { color: colour }, lineStyle: style, emphasis: { disabled: true }, z: main ? 3 : 2,
      endLabel: { show: true, formatter: `${line.year}年`, color: main ? ink.accent : ink.text3, fontSize: font, fontWeight: main ? 600 : 400, distance: 6 * p.scale },
    }
    const running = line.months.findIndex((m) => m?.incomplete)
    if (running < 0) return [{ ...base, data: whole }]
    const tail = line.months.map((m, i) => i === running ? m?.value ?? null : i === running - 1 ? { value: m?.value ?? null, symbol: 'none' } : null)
    return [
      { ...base, data: whole, endLabel: { show: false } },
      { ...base, data: tail, lineStyle: { ...style, type: 'dashed' }, symbol: 'emptyCircle', symbolSize: 7 * p.scale },
    ]
  })
  return {
    animation: false,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
    grid: { left: 4 * p.scale, right: font * 4.4, top: 14 * p.scale, bottom: 2 * p.scale, containLabel: true },
    tooltip: {
      ...tooltipStyle(ink, p.scale), trigger: 'axis', axisPointer: { type: 'line', lineStyle: { color: ink.last, type: 'solid', width: p.scale } },
      formatter: (points: { dataIndex: number }[]) => tooltipOf(p, points[0]?.dataIndex ?? 0),
    },
    xAxis: {
      type: 'category', data: MONTHS, boundaryGap: false, axisTick: { show: false }, axisLine: { lineStyle: { color: ink.line, width: p.scale } },
      axisLabel: { color: ink.text3, fontSize: font, margin: font * 0.75, interval: (width - font * 8) / 12 < font * 2.8 ? 1 : 0 },
    },
    yAxis: {
      type: 'value', min: 0, splitNumber: 4, splitLine: { lineStyle: { color: ink.soft, width: p.scale } },
      axisLabel: { color: ink.text3, fontSize: font, formatter: (v: number) => `${axisText(v)}${p.type === 'percent' ? '%' : ''}` },
    },
    series,
  }
}

function tooltipOf(p: TrendPicture, month: number): string {
  const ink = inks(p.dark)
  const of = (line: YearLine | null, colour: string) => {
    const point = line?.months[month]
    return line && point ? [{ name: `${line.year}年${point.incomplete ? '（未完）' : ''}`, value: figure(point.raw, p.type, p.unit).exact, colour }] : []
  }
  const rows = [...of(p.model.current, ink.accent), ...of(p.model.previous, ink.last)]
  const yoy = p.model.current.months[month]?.yoy
  if (yoy !== undefined && yoy !== null) {
    const c = change(yoy, p.direction)
    rows.push({ name: '同比', value: `${c.arrow} ${c.text}`.trim(), colour: 'transparent' })
  }
  return tooltipHtml(MONTHS[month] ?? '', rows)
}
