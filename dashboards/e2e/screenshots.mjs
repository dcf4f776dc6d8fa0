// Every page at three sizes, kept for people to look at; a page wider than its window is a failure.

import { boardReady, must, SIZES } from './browser.mjs'

const PAGES = [
  ['board', '/boards/benefit'], ['board-district', '/boards/benefit?district=310104'], ['list', '/portal/benefit_transaction'],
  ['form', '/portal/benefit_transaction/new'], ['merchants', '/portal/merchant_profile'], ['inbox', '/inbox'], ['reports', '/reports'], ['feeds', '/feeds'], ['feed', '/feeds/tourism'], ['todo', '/todo'], ['help', '/help'], ['missing', '/nowhere'], ['sql', '/sql'],
]

async function settle(page) {
  await page.waitForLoadState('load')
  if (await page.waitForSelector('[data-tile]', { timeout: 500 }).catch(() => null)) await boardReady(page)
  await page.waitForFunction(() => !document.querySelector('.skeleton'), null, { timeout: 15_000 })
  await page.waitForTimeout(250)
}

export const screenshots = Object.keys(SIZES).map((size) => [`screenshots: ${size} ${SIZES[size].join('×')}`, async (browser, settings) => {
  const door = await browser.visit(size)
  await door.goto(`${settings.base}/login`)
  await door.waitForSelector('[name=account]')
  await door.screenshot({ path: `${settings.out}/${size}-login.png` })
  const page = await browser.as('city', '/boards/benefit', size)
  const wide = []
  for (const [name, path] of PAGES) {
    await page.goto(settings.base + path)
    await settle(page)
    if (name === 'sql') {
      await page.waitForSelector('.cm-content')
      await page.waitForSelector('[data-run]')
      await page.waitForTimeout(300)
      await page.click('[data-run]')
      await page.waitForSelector('[data-rows], .failure')
      await page.waitForTimeout(300)
    }
    await page.screenshot({ path: `${settings.out}/${size}-${name}.png` })
    if (name === 'board') await page.screenshot({ path: `${settings.out}/${size}-board-full.png`, fullPage: true })
    if ((await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)) > 0) wide.push(path)
  }
  const open = await page.request.get(`${settings.base}/api/v1/resources/benefit_transaction?page[size]=1`, {
    headers: { Authorization: `Bearer ${await page.evaluate(() => JSON.parse(sessionStorage.getItem('pujiang.session')).token)}` },
  })
  const id = (await open.json()).items?.[0]?.id
  if (id) {
    await page.goto(`${settings.base}/portal/benefit_transaction/${id}`)
    await settle(page)
    await page.screenshot({ path: `${settings.out}/${size}-detail.png` })
  }
  must(wide.length === 0, `wider than the window: ${wide.join()}`)
  return `${PAGES.length + 2} pages`
}])
