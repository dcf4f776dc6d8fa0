// The SQL page as an analyst and as a clerk use it: completion, answer, picture, big answer, mistake, cancelling, export.

import { readFileSync } from 'node:fs'
import { colours, must } from './browser.mjs'

const rows = (page) => page.$eval('[data-rows]', (e) => Number(e.textContent.replace(/,/g, '')))

async function write(page, text) {
  await page.focus('.cm-content')
  await page.keyboard.press('Control+A')
  await page.keyboard.insertText(text)
}
async function run(page) {
  const answered = page.waitForResponse((r) => r.url().endsWith('/api/v1/sql') && r.request().method() === 'POST')
  await page.keyboard.press('Control+Enter')
  const answer = await answered
  await page.waitForSelector('[data-run]')
  return answer.status()
}

export async function sqlPage(browser, settings) {
  const page = await browser.as('city', '/sql')
  await page.waitForSelector('.catalog li')
  await page.waitForSelector('.cm-content')
  // Somebody new finds a statement that runs.
  await page.focus('.cm-content')
  must((await run(page)) === 200, 'the statement the page begins with does not run')
  must((await rows(page)) > 1, 'the first answer has no rows')
  must((await page.textContent('[data-scope]')) === '全市', 'the answer does not carry its scope')
  must(/@\d+/.test(await page.textContent('.foot')), 'the answer does not carry its data version')
  await page.click('[role=tab]:has-text("图形")')
  await page.waitForSelector('.picture canvas')
  await page.waitForTimeout(500)
  must((await colours(page, '.picture canvas')) > 4, 'the picture is empty')
  await page.screenshot({ path: `${settings.out}/desk-sql-chart.png` })
  await page.click('[role=tab]:has-text("表格")')

  // Typing the Chinese title of a column writes its name.
  await write(page, 'SELECT  FROM benefit_transaction t WHERE t.')
  await page.keyboard.type('实付')
  await page.waitForSelector('.cm-tooltip-autocomplete li')
  await page.screenshot({ path: `${settings.out}/desk-sql-completion.png` })
  await page.waitForTimeout(100)
  await page.keyboard.press('Enter')
  await page.waitForFunction(() => document.querySelector('.cm-content').textContent.endsWith('t.amount'))

  await write(page, 'SELECT * FROM benefit_transaction LIMIT 100000')
  must((await run(page)) === 200, 'a big answer does not come')
  const many = await rows(page)
  must(many > 1000, `only ${many} rows`)
  const drawn = await page.$$eval('.grid .row', (all) => all.length)
  must(drawn < 100, `${drawn} rows are drawn at once`)
  await page.$eval('.grid', (e) => { e.scrollTop = e.scrollHeight })
  await page.waitForFunction((last) => [...document.querySelectorAll('.grid .row .no')].some((e) => Number(e.textContent) === last), many)

  await write(page, 'SELECT feed,\n  amout\nFROM benefit_transaction')
  must((await run(page)) === 400, 'a wrong column is not refused')
  const fault = await page.textContent('.failure')
  must(fault.includes('第 2 行') && fault.includes('amout'), `the mistake is told as: ${fault}`)
  must((await page.textContent('.cm-fault')) === 'amout', 'the mistake is not marked')
  await page.screenshot({ path: `${settings.out}/desk-sql-error.png` })

  await write(page, "SELECT txn_no, amount, merchant_code FROM benefit_transaction LIMIT 50")
  must((await run(page)) === 200, 'the answer to export does not come')
  for (const [format, magic] of [['xlsx', 'PK'], ['csv', '\u00ef\u00bb\u00bf']]) {
    const waiting = page.waitForEvent('download')
    await page.click('[data-export]')
    await page.click(`.exports .btn:has-text(".${format}")`)
    const file = await waiting
    must(file.suggestedFilename().includes('全市') && file.suggestedFilename().endsWith(format), `named ${file.suggestedFilename()}`)
    const path = `${settings.out}/export.${format}`
    await file.saveAs(path)
    must(readFileSync(path).subarray(0, magic.length).toString('latin1') === magic, `${format} begins wrongly`)
  }
  await page.click('button:has-text("历史")')
  must((await page.$$('.history li')).length >= 3, 'the history does not hold the statements')
  await page.screenshot({ path: `${settings.out}/desk-sql-history.png` })
  await page.keyboard.press('Escape')

  // A hard question is taken back.
  await write(page, 'SELECT count(*) FROM benefit_transaction a CROSS JOIN benefit_transaction b WHERE a.amount * 2 > b.amount')
  await page.keyboard.press('Control+Enter')
  await page.click('[data-cancel]')
  await page.waitForSelector('.cancelled')
  return `${many} rows, ${drawn} drawn`
}

export async function sqlOfDistrict(browser) {
  const page = await browser.as('d310104', '/sql')
  await page.waitForSelector('.catalog li')
  await page.waitForSelector('.cm-content')
  await write(page, 'SELECT DISTINCT district_code FROM benefit_transaction')
  must((await run(page)) === 200, 'the question is refused')
  const shown = await page.$$eval('.grid .td', (all) => all.map((e) => e.textContent.trim()))
  must(shown.join() === '310104', `districts: ${shown.join()}`)
  must((await page.textContent('[data-scope]')) === '仅徐汇区', 'the scope is not named')
  await page.click('.who')
  await page.click('.account .btn')
  await page.waitForURL(/\/login/)
  const left = await page.evaluate(() => Object.keys(sessionStorage).filter((k) => k.startsWith('pujiang.sql')))
  must(left.length === 0, `left in the tab after the log-out: ${left.join()}`)
  return shown.join()
}
