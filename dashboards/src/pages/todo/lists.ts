// The three lists of tasks, and the state of a task in words.

import type { Task } from '@/http/types'

export type ListId = 'todo' | 'started' | 'done'
export const LISTS: { id: ListId; title: string; empty: string; hint: string }[] = [
  { id: 'todo', title: '等我办理', empty: '没有等您办理的事项', hint: '需要您审核的变更申请会出现在这里。' },
  { id: 'started', title: '我提出的', empty: '没有提出过申请', hint: '在记录页点“申请变更”提出的申请，进度在这里看。' },
  { id: 'done', title: '我办过的', empty: '还没有办理过', hint: '您通过或退回的申请会列在这里。' },
]

const STATES: Record<string, { label: string; tone: '' | 'green' | 'amber' | 'blue' }> = {
  open: { label: '待审核', tone: 'blue' }, approved: { label: '已通过', tone: 'green' }, refused: { label: '已退回', tone: 'amber' }, withdrawn: { label: '已撤回', tone: '' },
}
export function stateOf(task: Task): { label: string; tone: string } {
  return STATES[task.state] ?? { label: task.state, tone: '' }
}
