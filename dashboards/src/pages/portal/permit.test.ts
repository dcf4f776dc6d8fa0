import { expect, test } from 'vitest'
import type { ResourceDef } from '@/http/types'
import { actionsOf, deletion, isGrave, mayRequest, mayUpdate, narrowed, offered, remedyOf, reviewed } from './permit'

const def: ResourceDef = {
  id: 'x', title: '优待交易', can: { create: true, update: true, delete: true },
  fields: [
    { name: 'amount', title: '实付金额', type: 'money' }, { name: 'terminal_id', title: '终端号', type: 'text' }, { name: 'source', title: '来源', type: 'text', writable: false },
    { name: 'activated_at', title: '生效时间', type: 'timestamp', readonly: true },
  ],
  states: [
    { code: 'draft', label: '草稿', edit: ['amount', 'terminal_id'], review: [], delete: 'free', remedy: '' },
    { code: 'confirmed', label: '已确认', edit: ['terminal_id'], review: ['amount'], delete: 'reason', remedy: '请冲正后重新登记。' },
    { code: 'reversed', label: '已冲正', edit: [], review: [], delete: 'never', remedy: '已冲正的不能修改。' },
  ],
  actions: [{ id: 'confirm', title: '确认', from: ['draft'], to: 'confirmed', tone: 'normal' }, { id: 'reverse', title: '冲正', from: ['confirmed'], to: 'reversed', reason_required: true, tone: 'danger' }, { id: 'x', title: '不许', from: ['confirmed'], to: 'draft', allowed: false }],
}
const at = (state: string) => ({ id: '1', state })

test('page_3: what a state does not leave open is not offered', () => {
  expect(['draft', 'confirmed', 'reversed'].map((s) => [mayUpdate(def, at(s)), mayRequest(def, at(s)), deletion(def, at(s))])).toEqual([[true, false, 'free'], [true, true, 'reason'], [false, false, 'never']])
  expect([offered(def, at('confirmed')).map((f) => f.name), reviewed(def, at('confirmed')).map((f) => f.name)]).toEqual([['terminal_id'], ['amount']])
  expect(remedyOf(def, at('reversed'))).toContain('不能修改')
})

test('page_11: internal fields are not offered, neither in forms nor to a role without the right', () => {
  expect(offered(def, null).map((f) => f.name)).toEqual(['amount', 'terminal_id'])
  const reader = { ...def, can: { create: false, update: false, delete: false } }
  expect([mayUpdate(reader, at('draft')), mayRequest(reader, at('confirmed')), deletion(reader, at('draft'))]).toEqual([false, false, 'never'])
})

test('page_3: what cannot be taken back warns, what can does not', () => {
  const grave = (state: string) => actionsOf(def, at(state)).map((a) => [a.id, isGrave(def, a)])
  expect([grave('draft'), grave('confirmed')]).toEqual([[['confirm', false]], [['reverse', true]]])
})

test('only records that would be taken are offered to choose from', () => {
  const field = { name: 'service_id', title: '优待服务', type: 'ref', ref: 'benefit_service', must_be: ['online'], same: ['merchant_id', 'district_code'] }
  expect(narrowed(field, { merchant_id: 'm1', district_code: '' })).toEqual({ 'filter[state]': 'online', 'filter[merchant_id]': 'm1' })
  expect(narrowed({ ...field, must_be: ['a', 'b'], same: [] }, {})).toEqual({})
})
