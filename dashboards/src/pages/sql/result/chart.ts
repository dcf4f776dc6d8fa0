// A picture of a result: which columns can be drawn, which are proposed, and the ECharts option. Bars start at zero;
// nothing is summed but the 其他 of a pie; what is left out is said.

import type { EChartsCoreOption } from 'echarts/core'
import { tooltipHtml, tooltipStyle } from '@/charts/tooltip'
import { axisText, exactText, toNumber, type Cell } from '@/format/figures'
import type { Column } from '@/http/types'
import type { Inks } from '@/theme/palette'
import { isNumeric, shown } from './grid'

export type Kind = 'bar' | 'line' | 'pie'
export interface Choice { kind: Kind; x: number; y: number[] }

export const KINDS: { kind: Kind; title: string }[] = [{ kind: 'bar', title: '柱形' }, { kind: 'line', title: '折线' }, { kind: 'pie', title: '饼图' }]
/** More bars than this cannot be read; more points than this no screen shows. */
const MOST: Record<Kind, number> = { bar: 60, line: 2000, pie: 7 }
const MOST_SERIES = 7
const SERIES = ['#2b6cb8', '#d98a29', '#2f9384', '#7d63ab', '#b9543f', '#6aa9dc', '#8d8a35']

const isTime = (column: Column): boolean => /^(date|timestamp)/.test(column.type) || /^(年|月|日|日期|月份|年份|year|month|day|date)$/i.test(column.name)

/** What is most likely meant: time as a line, names as bars. */
export function propose(columns: Column[]): Choice | null {
  const y = columns.flatMap((c, i) => (isNumeric(c) && !isTime(c) ? [i] : []))
  if (y.length === 0) return null
  const time = columns.findIndex(isTime)
  const text = columns.findIndex((c, i) => !isNumeric(c) && i !== time)
  const x = time >= 0 ? time : text >= 0 ? text : columns.findIndex((_, i) => !y.includes(i))
  const first = x >= 0 ? y.filter((i) => i !== x) : y.slice(1)
  if (first.length === 0) return { kind: 'bar', x: 0, y: [y[0] ?? 0] }
  return { kind: time >= 0 ? 'line' : 'bar', x: x >= 0 ? x : y[0] ?? 0, y: first.slice(0, 1) }
}

export interface Picture { labels: string[]; series: { name: string; values: (number | null)[]; exact: string[] }[]; note: string; refusal: string }

export function picture(columns: Column[], rows: Cell[][], choice: Choice): Picture {
  const xColumn = columns[choice.x]
  const ys = choice.y.slice(0, choice.kind === 'pie' ? 1 : MOST_SERIES)
  if (!xColumn || ys.length === 0) return { labels: [], series: [], note: '', refusal: '请选择横轴和数值列。' }
  const most = MOST[choice.kind]
  const notes: string[] = []
  let used = rows
  let rest: Cell[][] = []
  if (choice.kind === 'pie') {
    const y = ys[0] ?? 0
    if (rows.some((r) => (toNumber(r[y]) ?? 0) < 0)) return { labels: [], series: [], note: '', refusal: '有负数，不能画饼图，请改用柱形。' }
    const sorted = [...rows].sort((a, b) => (toNumber(b[y]) ?? 0) - (toNumber(a[y]) ?? 0))
    used = sorted.slice(0, rows.length > most ? most - 1 : most)
    rest = sorted.slice(used.length)
    if (rest.length > 0) notes.push(`最大的 ${used.length} 项之外，${rest.length.toLocaleString('en-US')} 项合为“其他”`)
  } else if (rows.length > most) {
    used = rows.slice(0, most)
    notes.push(`只画前 ${most.toLocaleString('en-US')} 行，共 ${rows.length.toLocaleString('en-US')} 行`)
  }
  const labels = used.map((r) => shown(r[choice.x], xColumn).replace(/ 00:00:00$/, ''))
  const series = ys.flatMap((y) => {
    const column = columns[y]
    return column ? [{ name: column.name, values: used.map((r) => toNumber(r[y])), exact: used.map((r) => exactText(r[y])) }] : []
  })
  if (rest.length > 0 && series[0]) {
    const y = ys[0] ?? 0
    const sum = rest.reduce((s, r) => s + (toNumber(r[y]) ?? 0), 0)
    labels.push('其他')
    series[0].values.push(sum)
    series[0].exact.push(axisText(sum))
  }
  if (choice.y.length > ys.length) notes.push(choice.kind === 'pie' ? '饼图只画一个数值列' : `最多画 ${MOST_SERIES} 个数值列`)
  return { labels, series, note: notes.join('；'), refusal: '' }
}

export function option(p: Picture, kind: Kind, ink: Inks, scale: number, width: number): EChartsCoreOption {
  // A canvas knows no `inherit` and would fall back to 10 px.
  const textStyle = { fontFamily: getComputedStyle(document.body).fontFamily }
  const font = 12 * scale
  const tooltip = tooltipStyle(ink, scale)
  if (kind === 'pie') {
    const narrow = width < 500 * scale
    const data = p.labels.map((name, i) => ({ name, value: p.series[0]?.values[i] ?? 0, itemStyle: { color: name === '其他' ? '#9aa3af' : SERIES[i % SERIES.length] } }))
    return {
      animationDuration: 250, textStyle,
      tooltip: { ...tooltip, trigger: 'item', formatter: (at: { name: string; dataIndex: number; percent: number }) => tooltipHtml(at.name, [{ name: p.series[0]?.name ?? '', value: p.series[0]?.exact[at.dataIndex] ?? '' }, { name: '占比', value: `${at.percent}%` }]) },
      series: [{ type: 'pie', radius: narrow ? '48%' : '70%', center: ['50%', '50%'], data, label: { color: ink.text2, fontSize: font, lineHeight: font * 1.4, overflow: 'none', formatter: narrow ? '{b}\n{d}%' : '{b}  {d}%' }, labelLine: { lineStyle: { color: ink.line } }, itemStyle: { borderColor: ink.surface, borderWidth: 1 } }],
    }
  }
  const one = p.series.length === 1
  const step = Math.max(1, Math.ceil((p.labels.reduce((w, l) => Math.max(w, [...l].length), 0) * font * 0.9 * p.labels.length) / Math.max(1, width)))
  const slanted = kind === 'bar' && step > 1 && p.labels.length <= 40
  return {
    animationDuration: 250, textStyle,
    grid: { left: 8 * scale, right: 20 * scale, top: (one ? 32 : 44) * scale, bottom: 8 * scale, containLabel: true },
    legend: one ? undefined : { top: 4 * scale, left: 8 * scale, itemWidth: 10 * scale, itemHeight: 10 * scale, icon: 'roundRect', textStyle: { color: ink.text2, fontSize: font } },
    tooltip: {
      ...tooltip, trigger: 'axis', axisPointer: { type: kind === 'bar' ? 'shadow' : 'line', lineStyle: { color: ink.line }, shadowStyle: { color: 'rgb(107 118 134 / 0.08)' } },
      formatter: (at: { dataIndex: number }[]) => {
        const i = at[0]?.dataIndex ?? 0
        return tooltipHtml(p.labels[i] ?? '', p.series.map((s, n) => ({ name: s.name, value: s.exact[i] ?? '', colour: SERIES[n] })))
      },
    },
    xAxis: {
      type: 'category', data: p.labels, boundaryGap: kind === 'bar', axisTick: { show: false }, axisLine: { lineStyle: { color: ink.line } },
      axisLabel: { color: ink.text3, fontSize: font, hideOverlap: !slanted, rotate: slanted ? 40 : 0, interval: slanted ? 0 : 'auto', width: 120 * scale, overflow: 'truncate' },
    },
    yAxis: {
      type: 'value', min: kind === 'bar' ? (v: { min: number }) => Math.min(0, v.min) : undefined, scale: kind === 'line',
      name: one ? p.series[0]?.name : undefined, nameTextStyle: { color: ink.text3, fontSize: font, align: 'left' },
      axisLabel: { color: ink.text3, fontSize: font, formatter: axisText }, splitLine: { lineStyle: { color: ink.soft } },
    },
    series: p.series.map((s, n) => ({
      name: s.name, type: kind, data: s.values, color: one ? ink.accent : SERIES[n], barMaxWidth: 40 * scale,
      showSymbol: p.labels.length <= 40, symbolSize: 5 * scale, lineStyle: { width: 2 * scale }, connectNulls: false,
    })),
  }
}
