// Reading a run as the server may give it: names of its id differ between list and single answer.

import type { ReportDef, Run, RunFile } from '@/http/types'

export function runId(run: Run): string {
  return String(run.id ?? run.run_id ?? run.run ?? '')
}

export function runFiles(run: Run): RunFile[] {
  return Array.isArray(run.files) ? run.files : []
}

export function fileCount(run: Run): number | null {
  return Array.isArray(run.files) ? run.files.length : typeof run.files === 'number' ? run.files : null
}

/** Why it ran: on schedule, caught up after a stop, or by hand. */
export function causeWords(run: Run): string {
  const cause = `${run.cause ?? run.trigger ?? ''}`
  if (/manual|手/.test(cause)) return '手动'
  if (/catch|missed|补/.test(cause)) return '补生成'
  return cause || run.due ? '计划' : '手动'
}

export interface RunState { label: string; tone: 'green' | 'blue' | 'red' | ''; done: boolean }

export function runState(run: Run): RunState {
  const state = String(run.state ?? '')
  if (/^(done|succeeded|success|finished|complete)/.test(state)) return { label: '已完成', tone: 'green', done: true }
  if (/^(fail|error)/.test(state)) return { label: '失败', tone: 'red', done: true }
  if (/^(queued|pending|due|waiting)/.test(state)) return { label: '排队中', tone: '', done: false }
  if (/^(running|started|rendering)/.test(state)) return { label: '生成中', tone: 'blue', done: false }
  return { label: state || '—', tone: '', done: true }
}

/** One line per scope with its formats side by side; the city first. */
export function byScope(files: RunFile[]): { scope: string; files: RunFile[] }[] {
  const groups = new Map<string, RunFile[]>()
  for (const file of files) {
    const scope = file.scope || /_([^_.]+)\.\w+$/.exec(file.name)?.[1] || '全市'
    groups.set(scope, [...(groups.get(scope) ?? []), file])
  }
  return [...groups]
    .map(([scope, list]) => ({ scope, files: [...list].sort((a, b) => formatOf(a).localeCompare(formatOf(b))) }))
    .sort((a, b) => Number(b.scope.includes('全市')) - Number(a.scope.includes('全市')))
}

export function formatOf(file: RunFile): string {
  return (file.format ?? file.name.split('.').at(-1) ?? '').toUpperCase()
}

const WEEK = ['日', '一', '二', '三', '四', '五', '六']

/** A cron line (seconds first) in words; anything unusual is shown as it is. */
export function scheduleWords(report: Pick<ReportDef, 'schedule' | 'schedule_label'>): string {
  if (report.schedule_label) return report.schedule_label
  const text = report.schedule
  if (!text) return '按需生成'
  const match = /^0 (\d+) (\d+) (\S+) (\S+) (\S+)$/.exec(text.trim())
  if (!match) return text
  const [, minute = '', hour = '', day = '*', month = '*', weekday = '*'] = match
  const at = `${hour.padStart(2, '0')}:${minute.padStart(2, '0')}`
  const free = (part: string): boolean => part === '*' || part === '?'
  if (/^\d+$/.test(day) && free(month) && free(weekday)) return `每月 ${day} 日 ${at} 自动生成`
  if (free(day) && free(month) && /^[0-6]$/.test(weekday)) return `每周${WEEK[Number(weekday)]} ${at} 自动生成`
  return free(day) && free(month) && free(weekday) ? `每天 ${at} 自动生成` : text
}
