// A clerk enters a transaction while a board of the running month is open beside it.

import { usableCard } from '../../tests/bench/card.mjs'
import { boardReady, must } from './browser.mjs'

const shanghaiMonth = () => new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Shanghai', year: 'numeric', month: '2-digit' }).format(new Date()).slice(0, 7)
const exact = (page) => page.$eval('[data-tile=transactions] .digits', (e) => e.dataset.value)

/** A card that a counter takes, made over HTTP by the clerk. */
async function newCard(settings) {
  const post = async (path, body, token) => {
    const headers = { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) }
    const answer = await fetch(`${settings.base}/api/v1${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
    must(answer.ok, `${path}: ${answer.status} ${await answer.clone().text()}`)
    return answer.json()
  }
  const { token } = await post('/session', { account: 'd310104', password: settings.password })
  return usableCard((path, body) => post(path, body, token), '310104')
}

export async function enterTransaction(browser, settings) {
  const card = await newCard(settings)
  const board = await browser.as('d310104', `/boards/benefit?period=${shanghaiMonth()}`)
  await boardReady(board)
  await board.waitForSelector('.live.live')
  const before = await exact(board)

  const form = await browser.as('d310104', '/portal/benefit_transaction/new')
  await form.waitForSelector('[data-field=merchant_id]')
  // First what a hurried clerk does: save at once. Every missing box says so.
  await form.click('button[type=submit]')
  await form.waitForSelector('[data-field=merchant_id] .wrong')
  await form.click('[data-field=merchant_id] .el-select__wrapper')
  await form.waitForSelector('.el-select-dropdown__item:visible')
  await form.click('.el-select-dropdown__item:visible')
  await form.fill('#f-card_no', card)
  await form.fill('#f-original_amount', '128.50')
  await form.fill('#f-discount', '28.50')
  await form.fill('#f-amount', '99.00')
  // A sum that does not add up is refused beside its field, and nothing typed is lost.
  await form.click('button[type=submit]')
  await form.waitForSelector('[data-field=amount] .wrong')
  must((await form.inputValue('#f-original_amount')) === '128.50', 'typed text was lost after a refusal')
  await form.screenshot({ path: `${settings.out}/desk-form-refused.png` })
  await form.fill('#f-amount', '100.00')
  const saved = form.waitForResponse((r) => r.request().method() === 'POST' && r.url().endsWith('/resources/benefit_transaction'))
  await form.click('button[type=submit]')
  const answer = await saved
  const start = Date.now()
  must(answer.status() === 201, `saving answered ${answer.status()}: ${(await answer.text()).slice(0, 300)}`)

  await board.waitForFunction((old) => document.querySelector('[data-tile=transactions] .digits')?.dataset.value !== old, before, { timeout: 10_000, polling: 20 })
  const took = Date.now() - start
  const after = await exact(board)
  await form.waitForURL(/\/portal\/benefit_transaction\/[0-9a-f-]{36}$/)
  const number = (text) => Number(text.replace(/[^\d.-]/g, ''))
  must(number(after) === number(before) + 1, `the figure went from ${before} to ${after}`)
  must(took <= 3000, `the board took ${took} ms`)
  return `${before} → ${after} after ${took} ms`
}
