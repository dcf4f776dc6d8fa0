import { expect, test } from 'vitest'
import { passwordMistakes } from './password'

test('page_11: a new password is typed twice and is another one', () => {
  expect(passwordMistakes({ current: '', next: '', again: '' })).toEqual({ current: '请输入现在的密码', next: '请输入新密码' })
  expect(passwordMistakes({ current: 'a', next: 'a', again: 'b' })).toEqual({ next: '新密码不能和现在的密码相同', again: '两次输入的新密码不一致' })
  expect(passwordMistakes({ current: 'a', next: 'b', again: 'b' })).toEqual({})
})
