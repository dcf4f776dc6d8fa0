import { expect, test } from 'vitest'
import type { FieldDef } from '@/http/types'
import { computedValue, filled } from './computed'

const fields: FieldDef[] = [
  { name: 'original_amount', title: '原价', type: 'money' }, { name: 'discount', title: '优惠金额', type: 'money' },
  { name: 'amount', title: '实付金额', type: 'money', computed: { plus: ['original_amount'], minus: ['discount'] } },
]
const amount = fields[2]!

test('page_11: 实付 is 原价 less 优惠, to the cent', () => {
  expect(computedValue(amount, { original_amount: '128.50', discount: '28.5' })).toBe('100.00')
  expect(computedValue(amount, { original_amount: '1,000.1', discount: '0.2' })).toBe('999.90')
  expect(computedValue(amount, { original_amount: '9007199254740.93', discount: '0.01' })).toBe('9007199254740.92')
  expect([computedValue(amount, { original_amount: '12', discount: '' }), computedValue(amount, { original_amount: '1.234', discount: '0' }), computedValue(fields[0]!, {})]).toEqual([null, null, null])
})

test('page_11: it follows what is typed until somebody writes it by hand', () => {
  const type = (before: Record<string, string>, name: string, value: string) => filled(fields, before, { ...before, [name]: value }, name)
  expect(type({ original_amount: '100', discount: '0', amount: '' }, 'discount', '20')).toEqual({ amount: '80.00' })
  expect(type({ original_amount: '100', discount: '20', amount: '80.00' }, 'original_amount', '90')).toEqual({ amount: '70.00' })
  expect(type({ original_amount: '100', discount: '20', amount: '75.00' }, 'original_amount', '90')).toEqual({})
  expect(type({ original_amount: '100', discount: '20', amount: '80.00' }, 'amount', '79')).toEqual({})
  expect(type({ original_amount: '10', discount: '0', amount: '10.00' }, 'discount', '20')).toEqual({ amount: '' })
})
