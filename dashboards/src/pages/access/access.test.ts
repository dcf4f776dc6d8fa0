import { expect, test } from 'vitest'
import { accountLine, matching, viewRefusal } from './subjects'

const account = (login: string, name: string, scope: string, active = true) => ({ account: login, name, roles: ['区级人员'], scope, active })
const all = [account('d310104', '徐汇区经办员', '仅徐汇区'), account('d310105', '长宁区经办员', '仅长宁区', false), account('city', '市级分析员', '全市')]

test('accounts are found by login, name and scope; every word counts', () => {
  expect(matching(all, '徐汇').map((a) => a.account)).toEqual(['d310104'])
  expect(matching(all, 'd3101').map((a) => a.account)).toEqual(['d310104', 'd310105'])
  expect(matching(all, '经办 长宁').map((a) => a.account)).toEqual(['d310105'])
  expect(matching(all, 'CITY')[0]?.account).toBe('city')
  expect(matching(all, '')).toHaveLength(3)
  expect(accountLine(all[1]!)).toBe('长宁区经办员 · 区级人员 · 仅长宁区 · 已停用')
})

test('a view needs somebody else and a reason', () => {
  expect(viewRefusal('', '核实问题', 'secadmin')).toMatch(/选择/)
  expect(viewRefusal('secadmin', '核实问题', 'secadmin')).toMatch(/自己/)
  expect(viewRefusal('city', ' 看看 ', 'secadmin')).toMatch(/原因/)
  expect(viewRefusal('city', '核实问题', 'secadmin')).toBe('')
})
