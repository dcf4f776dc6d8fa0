// What the form of a new password can know by itself.

export interface PasswordForm { current: string; next: string; again: string }

export function passwordMistakes(form: PasswordForm): Partial<Record<keyof PasswordForm, string>> {
  const wrong: Partial<Record<keyof PasswordForm, string>> = {}
  if (!form.current) wrong.current = '请输入现在的密码'
  if (!form.next) wrong.next = '请输入新密码'
  else if (form.next === form.current) wrong.next = '新密码不能和现在的密码相同'
  if (form.next && form.again !== form.next) wrong.again = '两次输入的新密码不一致'
  return wrong
}
