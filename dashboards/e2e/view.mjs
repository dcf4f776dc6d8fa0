// A security administrator asks why an account sees a row, then looks through its eyes and comes back.

import { boardReady, must } from './browser.mjs'

async function firstKey(page, base) {
  const token = await page.evaluate(() => JSON.parse(sessionStorage.getItem('pujiang.session')).token)
  const answer = await page.request.post(`${base}/api/v1/sql`, {
    headers: { Authorization: `Bearer ${token}` }, data: { sql: "SELECT txn_no FROM benefit_transaction WHERE district_code = '310104' LIMIT 1" },
  })
  return (await answer.json()).rows[0][0]
}

async function choose(page, name, account) {
  await page.fill(`[name=${name}]`, account)
  await page.keyboard.press('Escape')
}

export async function whyAndView(browser, settings) {
  const analyst = await browser.as('city', '/sql')
  const key = await firstKey(analyst, settings.base)

  const page = await browser.as('secadmin', '/access')
  await page.waitForSelector('[name=why-table] option', { state: 'attached' })
  const menu = await page.$$eval('.menu a', (all) => all.map((e) => e.textContent.trim()))
  must(!menu.some((m) => m.includes('业务数据') || m.includes('SQL')), `menu: ${menu.join()}`)
  const ask = async (account) => {
    await choose(page, 'why-account', account)
    await page.fill('[name=why-id]', key)
    const answered = page.waitForResponse((r) => r.url().includes('/access/why'))
    await page.click('form .btn.primary')
    await answered
    await page.waitForSelector('[data-why]')
    return page.getAttribute('[data-why]', 'data-state')
  }
  must((await ask('d310104')) === 'shown', 'the clerk of the district does not see the row')
  await page.screenshot({ path: `${settings.out}/desk-access-shown.png` })
  must((await ask('d310105')) === 'hidden', 'the clerk of another district sees the row')
  await page.screenshot({ path: `${settings.out}/desk-access.png` })

  await choose(page, 'view-account', 'd310104')
  await page.click('form:has([name=view-account]) .btn')
  await page.waitForSelector('form:has([name=view-account]) .note.red')
  await page.fill('[name=view-reason]', '核实徐汇区经办反映看不到本区记录')
  await page.click('form:has([name=view-account]) .btn')
  await page.waitForSelector('[data-viewing]')
  const banner = await page.textContent('[data-viewing]')
  must(banner.includes('徐汇区经办员') && banner.includes('只读'), `banner: ${banner}`)
  for (const path of ['/boards/benefit', '/portal/benefit_transaction', '/reports', '/sql']) {
    await page.goto(settings.base + path)
    await page.waitForSelector('[data-viewing]')
  }
  await page.goto(`${settings.base}/boards/benefit`)
  await boardReady(page)
  const shown = await page.$eval('.board', (e) => e.innerText)
  must(shown.includes('仅徐汇区'), 'the board is not that of the account')
  await page.screenshot({ path: `${settings.out}/desk-view-as.png` })
  await page.setViewportSize({ width: 390, height: 844 })
  await page.waitForTimeout(300)
  await page.screenshot({ path: `${settings.out}/phone-view-as.png` })
  await page.setViewportSize({ width: 1440, height: 900 })
  await page.goto(`${settings.base}/portal/benefit_transaction`)
  await page.waitForSelector('.pager')
  must((await page.$$('a:has-text("新增")')).length === 0, 'a look offers to create')
  await page.click('[data-viewing] button')
  await page.waitForURL(/\/access/)
  await page.waitForSelector('[name=why-table] option', { state: 'attached' })
  must((await page.$$('[data-viewing]')).length === 0, 'the banner stays after the end')
  must((await page.textContent('.who')).includes('安全管理员'), 'the administrator is not back')
  return banner.trim().slice(0, 40)
}
