// Where one is and who one is: lists keep their place, tabs share the session, the wall is chosen, what is not there says so.

import { boardReady, must, SIZES } from './browser.mjs'

const LIST = '/portal/benefit_transaction'
const rows = (page) => page.textContent('[data-rows]')
const settled = (page) => page.waitForFunction(() => document.querySelector('[data-rows]') && !document.querySelector('.frame.stale'))

export async function listKeepsItsPlace(browser) {
  const page = await browser.as('city', LIST)
  await settled(page)
  await page.selectOption('.filters label:has-text("状态") select', 'confirmed')
  await page.waitForURL(/filter/)
  await settled(page)
  await page.click('th button:has-text("实付")')
  await page.waitForURL(/sort=/)
  await settled(page)
  must(await page.isEnabled('.pager .btn:has-text("下一页")'), 'the demonstration has too few confirmed transactions for a second page')
  await page.click('.pager .btn:has-text("下一页")')
  await page.waitForURL(/page=2/)
  await settled(page)
  const second = await rows(page)
  must(second.includes('51'), `page 2 says ${second}`)
  const here = page.url()

  // By the page itself: a click of the driver would scroll the row into sight first.
  const frame = () => page.$eval('.scroll', (e) => e.scrollTop)
  await page.$eval('.scroll', (e) => { e.scrollTop = 60 })
  const place = await frame()
  await page.$eval('tbody tr:nth-child(5) a', (a) => a.click())
  await page.waitForSelector('[aria-label=返回列表]')
  await page.click('[aria-label=返回列表]')
  await page.waitForURL((url) => url.href === here)
  await settled(page)
  must((await rows(page)) === second, 'the way back leads to other rows')
  must((await page.$$('tbody tr.at')).length === 1, 'the row one had opened is not marked')
  must((await frame()) === place, `place_28: the list was scrolled to ${place} and is back at ${await frame()}`)

  // Back steps through: record, list … page 1, unsorted, unfiltered.
  await page.goBack()
  await page.goBack()
  await page.waitForURL((url) => url.href === here)
  await page.goBack()
  await page.waitForURL((url) => !url.search.includes('page=') && url.search.includes('sort='))
  await settled(page)
  must((await rows(page)).startsWith('第 1–'), `one step back from page 2: ${await rows(page)}`)
  await page.goBack()
  await page.waitForURL((url) => !url.search.includes('sort=') && url.search.includes('filter'))
  await page.goBack()
  await page.waitForURL((url) => url.search === '')

  const link = await browser.as('city', LIST)
  await link.goto(here)
  await settled(link)
  must((await rows(link)) === second, `a link to page 2 says ${await rows(link)}`)
  await link.click('.pager .btn:has-text("上一页")')
  await link.waitForURL((url) => !url.search.includes('page='))
  await settled(link)
  must((await rows(link)).startsWith('第 1–'), 'the page before page 2 is not the first')
  return second
}

export async function boardKeepsItsPlaceAndAddress(browser) {
  const page = await browser.as('city', '/boards/benefit?district=999999&period=2099-99')
  await boardReady(page)
  must(!new URL(page.url()).search, `address_28: the address still says ${page.url()}`)
  must((await page.textContent('#toasts')).includes('999999'), 'address_28: nothing is said of the district')
  await page.evaluate(() => window.scrollTo({ top: 500 }))
  const place = await page.evaluate(() => window.scrollY)
  must(place > 0, 'the board is too short to be scrolled')
  await page.click('.top .menu a[href="/reports"]')
  await page.waitForURL(/reports/)
  await page.goBack()
  await boardReady(page)
  await page.waitForFunction((top) => window.scrollY === top, place, { timeout: 6000 })
  return `back at ${place}`
}

export async function tabsShareTheSession(browser, settings) {
  const first = await browser.as('d310104', '/boards/benefit')
  await boardReady(first)
  const second = await first.context().newPage()
  await second.goto(`${settings.base}${LIST}`)
  await settled(second)
  must(second.url().endsWith(LIST), `the new tab is at ${second.url()}`)
  await second.click('.who')
  await second.click('.account .btn')
  await second.waitForURL(/\/login/)
  await first.waitForURL(/\/login/)
  const left = await first.evaluate(() => Object.keys(sessionStorage).filter((k) => k !== 'pujiang.session.last'))
  must(left.length === 0, `left in the first tab: ${left.join()}`)
  const kept = await first.evaluate(() => Object.values(localStorage).filter((v) => v.includes('token')))
  must(kept.length === 0, 'a token lies in localStorage')
  const third = await first.context().newPage()
  await third.goto(`${settings.base}/boards/benefit`)
  await third.waitForURL(/\/login/)
  return 'new tab in, log-out for all'
}

export async function wallOnlyWhenChosen(browser, settings) {
  const page = await browser.as('city', '/boards/benefit', 'wall')
  await boardReady(page)
  must((await page.$$('.top .menu a')).length > 1 && (await page.$$('.filters')).length === 1, 'a wide screen has no menu or filters')
  must(!(await page.evaluate(() => document.documentElement.classList.contains('wall'))), 'a wide screen became the wall')
  await page.screenshot({ path: `${settings.out}/wide-board.png` })
  await page.click('.wall-on')
  await page.waitForURL(/wall=1/)
  await page.waitForSelector('.onwall')
  await boardReady(page)
  await page.screenshot({ path: `${settings.out}/wall-board.png` })
  await page.goBack()
  await page.waitForSelector('.top .menu a')
  return SIZES.wall.join('×')
}

export async function whatIsNotThereSaysSo(browser, settings) {
  const city = await browser.as('city', LIST)
  const says = async (page, path, words) => {
    await page.goto(settings.base + path)
    await page.waitForSelector('.state')
    const text = await page.$eval('main', (e) => e.innerText)
    must(text.includes(words), `${path} says ${text.slice(0, 160)}`)
    must(!text.includes('重试'), `${path} offers to try again`)
    const mark = await page.$eval('.state .mark', (e) => e.getBoundingClientRect().toJSON())
    must(Math.abs(mark.width - mark.height) < 1, `${path}: the icon is ${mark.width}×${mark.height}`)
  }
  await says(city, `${LIST}/01890000-0000-7000-8000-000000000000`, '没有找到这条记录')
  must((await city.textContent('.title h1')) === '没有找到这条记录', 'the heading of a record that is not there')
  await says(city, '/boards/nothing', '没有这个看板')
  await says(city, '/nowhere', '没有这个页面')
  await says(city, '/portal/nothing', '没有这类业务数据')
  await says(city, '/feeds/nothing', '没有这个来源')
  const leader = await browser.as('leader', '/boards/benefit')
  for (const path of ['/feeds', '/reports', '/sql', '/access', '/logs', '/accounts', '/portal', '/todo']) await says(leader, path, '安全管理员')
  return '13 addresses'
}

export async function printedBoard(browser, settings) {
  const page = await browser.as('city', '/boards/benefit')
  await boardReady(page)
  await page.emulateMedia({ media: 'print' })
  await page.setViewportSize({ width: 1055, height: 730 })
  await page.waitForTimeout(300)
  const boxes = await page.$$eval('[data-tile]', (all) => all.map((t) => { const b = t.getBoundingClientRect(); return { id: t.dataset.tile, left: b.left, right: b.right, top: b.top, bottom: b.bottom, wide: t.scrollWidth > t.clientWidth + 1, split: getComputedStyle(t).breakInside } }))
  for (const a of boxes) {
    must(!a.wide, `${a.id} is wider than its frame on paper`)
    must(a.split === 'avoid', `${a.id} may be split over two sheets`)
    for (const b of boxes) must(a === b || a.right <= b.left + 1 || b.right <= a.left + 1 || a.bottom <= b.top + 1 || b.bottom <= a.top + 1, `${a.id} lies on ${b.id}`)
  }
  must(!(await page.isVisible('.top')), 'the menu is printed')
  await page.emulateMedia({ media: null })
  await page.setViewportSize({ width: SIZES.desk[0], height: SIZES.desk[1] })
  const pdf = await page.pdf({ path: `${settings.out}/board.pdf`, preferCSSPageSize: true, printBackground: true })
  const sheets = pdf.toString('latin1').match(/\/Type\s*\/Page[^s]/g)?.length ?? 0
  must(sheets >= 2 && sheets <= 6, `the board is printed on ${sheets} sheets`)
  return `${sheets} sheets`
}
