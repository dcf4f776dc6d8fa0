import { expect, test } from 'vitest'
import { found, rolesOf } from './search'

const account = (login: string, role: string, rows: string, active = true) => ({ account: login, name: `${rows}经办员`, roles: [role], assignments: [rows], demonstration: false, active, last_login_at: null })
const all = [account('d310104', '区级人员', '徐汇区'), account('d310105', '区级人员', '长宁区', false), account('leader', '领导', '全市')]

test('page_11: accounts are found by word, role and state', () => {
  const logins = (q: string, role = '', state = ''): string[] => found(all, { q, role, state }).map((a) => a.account)
  expect([logins('徐汇 d3101'), logins('', '领导'), logins('', '', 'stopped'), logins('长宁', '领导')]).toEqual([['d310104'], ['leader'], ['d310105'], []])
  const role = (id: string, title: string) => ({ id, title, description: '', rights: [], assignments: [], separate_from: [] })
  const roles = [role('city_analyst', '市级人员'), role('district_clerk', '区级人员')]
  expect(rolesOf(all, roles)).toEqual(['市级人员', '区级人员', '领导'])
})
