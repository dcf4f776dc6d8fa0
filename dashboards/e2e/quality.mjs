// What every page must be: without serious findings of axe, with a board that loads little and does not jump.

import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'
import { boardReady, must } from './browser.mjs'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

const PAGES = {
  city: ['/boards/benefit', '/boards/benefit?district=310104', '/boards/benefit?wall=1', '/portal/benefit_transaction', '/portal/benefit_transaction/new', '/portal/merchant_profile', '/todo', '/inbox', '/reports', '/feeds', '/feeds/tourism', '/sql', '/help', '/nowhere'],
  leader: ['/boards/benefit', '/feeds'], secadmin: ['/access', '/accounts'], auditor: ['/logs'], d310104: ['/boards/benefit'],
}

async function settle(page) {
  await page.waitForLoadState('load')
  if (await page.waitForSelector('[data-tile]', { timeout: 500 }).catch(() => null)) await boardReady(page)
  await page.waitForFunction(() => !document.querySelector('.skeleton'), null, { timeout: 15_000 })
  await page.waitForTimeout(200)
}

export async function findingsOfAxe(page) {
  await page.evaluate(axe)
  const result = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'], resultTypes: ['violations'] }))
  return result.violations.filter((v) => v.impact === 'critical' || v.impact === 'serious').map((v) => `${v.id} ${v.nodes.length}× ${v.nodes[0]?.target.join(' ')}`)
}

export async function axeOnEveryPage(browser, settings) {
  const wrong = []
  let looked = 0
  for (const size of ['desk', 'phone']) {
    const door = await browser.visit(size)
    await door.goto(`${settings.base}/login`)
    await door.waitForSelector('[name=account]')
    wrong.push(...(await findingsOfAxe(door)).map((f) => `${size} /login: ${f}`))
    for (const [account, paths] of Object.entries(PAGES).filter(([account]) => size === 'desk' || account === 'city')) {
      const page = await browser.as(account, paths[0].split('?')[0], size)
      for (const path of paths) {
        await page.goto(settings.base + path)
        await settle(page)
        looked++
        wrong.push(...(await findingsOfAxe(page)).map((f) => `${size} ${account} ${path}: ${f}`))
      }
      if (account === 'city') {
        await page.goto(`${settings.base}/portal/benefit_transaction`)
        await settle(page)
        await page.click('tbody tr:first-child a')
        await page.waitForSelector('[data-history]')
        await settle(page)
        looked++
        wrong.push(...(await findingsOfAxe(page)).map((f) => `${size} record: ${f}`))
      }
    }
    await browser.closePages()
  }
  must(wrong.length === 0, wrong.slice(0, 8).join(' | '))
  return `${looked} pages, no critical or serious finding`
}

/** Bytes of scripts as they cross the network, what is fetched twice, and how far the page jumps. */
async function weigh(browser, settings, size) {
  const page = await browser.as('city', '/inbox', size)
  await page.context().addInitScript(() => {
    window.jumps = 0
    new PerformanceObserver((list) => { for (const e of list.getEntries()) if (!e.hadRecentInput) window.jumps += e.value }).observe({ type: 'layout-shift', buffered: true })
  })
  const session = await page.context().newCDPSession(page)
  await session.send('Network.enable')
  await session.send('Network.setCacheDisabled', { cacheDisabled: true })
  const bytes = new Map()
  const names = new Map()
  const fetched = []
  session.on('Network.responseReceived', (e) => { names.set(e.requestId, e.response.url); fetched.push(new URL(e.response.url).pathname) })
  session.on('Network.loadingFinished', (e) => { const url = names.get(e.requestId) ?? ''; if (url.endsWith('.js')) bytes.set(url, e.encodedDataLength) })
  await page.goto(`${settings.base}/boards/benefit`)
  await boardReady(page)
  await page.waitForTimeout(1000)
  const jumps = await page.evaluate(() => window.jumps)
  return { scripts: Math.round([...bytes.values()].reduce((a, b) => a + b, 0) / 1024), icons: fetched.filter((p) => p === '/favicon.svg').length, jumps: Math.round(jumps * 1000) / 1000 }
}

export async function boardIsLight(browser, settings) {
  const said = []
  for (const size of ['desk', 'phone']) {
    const { scripts, icons, jumps } = await weigh(browser, settings, size)
    must(scripts <= 130, `${size}: the board loads ${scripts} KiB of scripts`)
    must(icons <= 1, `${size}: the icon is fetched ${icons} times`)
    must(jumps < 0.05, `${size}: the page jumps by ${jumps}`)
    said.push(`${size} ${scripts} KiB of scripts, layout shift ${jumps}`)
  }
  return said.join('; ')
}
