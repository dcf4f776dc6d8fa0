import { expect, test } from 'vitest'
import { problemFrom } from '@/http/problem'
import { loginMessage } from './messages'

test('each refusal says what to do', () => {
  expect(loginMessage(problemFrom(401, null)).form).toContain('账号或密码不正确')
  expect(loginMessage(problemFrom(423, { code: 'account_locked' }))).toMatchObject({ locked: true })
  expect(loginMessage(problemFrom(423, { code: 'account_locked' })).form).toContain('15 分钟')
  expect(loginMessage(problemFrom(423, { code: 'account_locked', locked_until: '2026-11-22T10:20:00+08:00' })).form).toContain('10:20')
  expect(loginMessage(problemFrom(401, { code: 'account_locked', detail: '账号已锁定，请 12 分钟后再试。' })).form).toBe('账号已锁定，请 12 分钟后再试。')
  expect(loginMessage(problemFrom(0, null)).form).toContain('无法连接')
})
