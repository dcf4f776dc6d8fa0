// What clerks, administrators and auditors do all day: a record's history, irreversible steps, import, quarantine, password, log.

import { readFileSync } from 'node:fs'
import { must } from './browser.mjs'

const RECORDS = '/portal/benefit_transaction'
const texts = (page, selector) => page.$$eval(selector, (all) => all.map((e) => e.textContent.trim()))

/** The record entered last by the clerk; the entry step of the run has made one. */
async function openNewest(page) {
  await page.waitForSelector('[data-rows]')
  await page.click('tbody tr:first-child a')
  await page.waitForSelector('[data-history] li')
}

export async function recordTellsItsHistory(browser, settings) {
  const page = await browser.as('d310104', `${RECORDS}?sort=-created_at`)
  await openNewest(page)
  const told = await texts(page, '[data-history] li')
  must(told.some((t) => t.includes('徐汇区经办员')), `page_11: the history says ${told.join(' | ')}`)
  const foot = await page.textContent('.detail footer')
  must(!foot.includes('d310104'), `page_11: a login name instead of a person's: ${foot}`)
  await page.click('.page-head .btn:has-text("冲正")')
  await page.waitForSelector('dialog[open] .warning')
  must((await page.$$('dialog[open] .btn.primary.danger')).length === 1, 'page_3: the button of an irreversible step does not warn')
  await page.click('dialog[open] .btn.primary')
  must((await page.textContent('dialog[open] [role=alert]')).includes('原因'), 'page_3: done without a reason')
  await page.screenshot({ path: `${settings.out}/desk-reverse.png` })
  await page.fill('dialog[open] textarea', '窗口重复登记，冲正后重新登记')
  await page.click('dialog[open] .btn.primary')
  await page.waitForFunction(() => document.querySelector('.standing')?.textContent === '已冲正')
  await page.waitForFunction(() => document.querySelector('[data-history] li')?.textContent.includes('冲正后重新登记'))
  must((await page.$$('.page-head a:has-text("修改"), .page-head .btn:has-text("删除")')).length === 0, 'page_3: a reversed record can be changed or deleted')
  return told[0]
}

export async function internalFieldsAreNotOffered(browser) {
  const page = await browser.as('d310104', `${RECORDS}/new`)
  await page.waitForSelector('[data-field=merchant_id]')
  const offered = await texts(page, '.field > label')
  must(!offered.some((f) => f.startsWith('来源') || f.startsWith('可疑')), `page_11: offered to a clerk: ${offered.join()}`)
  await page.fill('#f-original_amount', '128.50')
  await page.fill('#f-discount', '28.50')
  must((await page.inputValue('#f-amount')) === '100.00', `page_11: 实付 is ${await page.inputValue('#f-amount')}`)
  await page.click('[data-field=street_code] .el-select__wrapper')
  await page.waitForSelector('.el-select-dropdown__item:has-text("天平路街道"):visible')
  return `${offered.length} boxes`
}

export async function importWithPreview(browser, settings) {
  const page = await browser.as('d310104', '/portal/merchant_profile')
  await page.waitForSelector('[data-rows]')
  await page.click('.btn.import')
  const head = '单位名称,统一社会信用代码,服务类别,所属区\n'
  const take = async (text) => { await page.setInputFiles('dialog[open] input[type=file]', { name: 'units.csv', mimeType: 'text/csv', buffer: Buffer.from(text) }) }
  await take(`${head.replace('服务类别', '种类')}甲,1,文旅,310104\n`)
  await page.waitForSelector('dialog[open] .note.red')
  must((await page.textContent('dialog[open]')).includes('种类'), 'page_11: an unknown column is not named')
  await take(`${head}徐汇衡山坊书店,91310104MA1FR0008X,文旅,徐汇区\n徐汇坏行,123,文旅,徐汇区\n`)
  await page.waitForSelector('[data-checked]')
  const checked = await page.textContent('[data-checked]')
  must(/问题/.test(checked) && checked.includes('还没有写入'), `page_11: the preview says ${checked}`)
  await page.screenshot({ path: `${settings.out}/desk-import.png` })
  const waiting = page.waitForEvent('download')
  await page.click('[data-failed]')
  const path = `${settings.out}/failed.csv`
  await (await waiting).saveAs(path)
  const text = readFileSync(path, 'utf8')
  must(text.includes('徐汇坏行') && text.includes('未导入的原因'), `page_11: the failed rows are ${text}`)
  return checked.trim()
}

export async function quarantineCanBeWorkedWith(browser, settings) {
  const page = await browser.as('city', '/feeds/bank')
  await page.waitForSelector('.upload')
  const list = await page.request.get(`${settings.base}/api/v1/feeds/bank/quarantine`, { headers: { Authorization: `Bearer ${await page.evaluate(() => JSON.parse(sessionStorage.getItem('pujiang.session')).token)}` } })
  const { items } = await list.json()
  if (items.length === 0) return 'nothing is quarantined'
  for (const item of items) must(!/(^|\D)\d{16}(\D|$)/.test(item.raw ?? ''), `page_2: a full number stands in ${item.raw}`)
  await page.waitForSelector('[data-quarantine] tbody tr')
  await page.click('[data-quarantine] .reasons button:nth-child(2)')
  await page.waitForURL(/reason=/)
  const waiting = page.waitForEvent('download')
  await page.click('[data-take]')
  const path = `${settings.out}/quarantine.csv`
  await (await waiting).saveAs(path)
  must(readFileSync(path, 'utf8').includes('怎样处理'), 'page_11: the taken rows do not say what to do')
  return `${items.length} rows`
}

export async function passwordIsChanged(browser, settings) {
  const page = await browser.as('d310151', '/boards/benefit')
  const change = async (current, next) => {
    await page.click('.who')
    await page.click('.account .entry:has-text("修改密码")')
    await page.fill('[data-password] [name=current]', current)
    await page.fill('[data-password] [name=next]', next)
    await page.fill('[data-password] [name=again]', next)
    await page.click('[data-password] .btn.primary')
  }
  await change('not it', `${settings.password}-2`)
  await page.waitForSelector('[data-password] em, [data-password] [role=alert]')
  await page.click('[data-password] .btn:has-text("返回")')
  await change(settings.password, `${settings.password}-2`)
  await page.waitForSelector('[data-password]:not([open])', { state: 'attached' })
  const other = await browser.visit()
  await other.goto(`${settings.base}/login`)
  await other.fill('[name=account]', 'd310151')
  await other.fill('[name=password]', settings.password)
  await other.click('button[type=submit]')
  await other.waitForSelector('.note.red')
  await change(`${settings.password}-2`, settings.password)
  await page.waitForSelector('[data-password]:not([open])', { state: 'attached' })
  return 'changed and changed back'
}

export async function administratorsHavePages(browser, settings) {
  const admin = await browser.as('sysadmin', '/accounts')
  await admin.waitForSelector('tbody tr')
  must((await texts(admin, 'tbody tr')).length >= 20, 'page_11: the accounts are not listed')
  await admin.fill('[aria-label=查找账号]', '徐汇')
  await admin.waitForFunction(() => [...document.querySelectorAll('tbody tr')].every((r) => r.textContent.includes('徐汇')))
  await admin.screenshot({ path: `${settings.out}/desk-accounts.png` })
  const auditor = await browser.as('auditor', '/logs')
  await auditor.waitForSelector('tbody tr')
  await auditor.selectOption('[name=action]', 'login')
  await auditor.waitForURL(/action=login/)
  await auditor.waitForFunction(() => document.querySelectorAll('tbody tr').length > 0 && [...document.querySelectorAll('tbody tr')].every((r) => r.children[3]?.textContent === '登录'))
  await auditor.screenshot({ path: `${settings.out}/desk-logs.png` })
  must(new URL(auditor.url()).pathname === '/logs', 'page_11: an auditor has no page')
  return `${(await texts(auditor, 'tbody tr')).length} log-ins`
}

export async function emptyPeriodIsEmpty(browser, settings) {
  const page = await browser.as('city', '/boards/benefit?period=2019-10')
  await page.waitForSelector('[data-tile]')
  await page.waitForFunction(() => [...document.querySelectorAll('[data-tile]')].every((t) => t.dataset.state !== 'loading'))
  const digits = await texts(page, '.tile.figure .digits, .tile.figure .dash > [aria-hidden]')
  must(digits.length >= 6 && digits.every((d) => d === '—'), `page_7: figures of an empty period: ${digits.join()}`)
  must((await page.$$('[data-tile=district_map] [data-map]')).length === 0, 'page_7: an empty period is drawn as a map')
  const said = await page.textContent('[data-tile=district_map] .detail')
  must(said.length > 5, 'page_7: an empty period gives no reason')
  await page.screenshot({ path: `${settings.out}/desk-empty.png` })
  return said
}
