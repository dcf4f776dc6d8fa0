// What must be seen on the board, by whom.

import { boardReady, must } from './browser.mjs'

const texts = (page, selector) => page.$$eval(selector, (all) => all.map((e) => e.textContent.trim()))

export async function board(browser) {
  const page = await browser.as('city', '/boards/benefit')
  await boardReady(page)
  const states = await page.$$eval('[data-tile]', (all) => all.map((t) => [t.dataset.tile, t.dataset.state]))
  const bad = states.filter(([, state]) => state !== 'ok')
  must(bad.length === 0, `tiles not ok: ${bad.map((b) => b.join(' ')).join(', ')}`)
  const figures = await texts(page, '.tile.figure .digits')
  must(figures.length >= 6 && figures.every((f) => /\d/.test(f)), `figures: ${figures.join(', ')}`)
  const fills = await page.$$eval('[data-tile=district_map] [data-map=city] path', (all) => all.map((p) => p.getAttribute('fill')))
  must(fills.length === 16 && new Set(fills).size >= 3, `page_12: the map has ${fills.length} districts in ${new Set(fills).size} colours`)
  must((await texts(page, '[data-tile=district_map] .caption')).join() === '中心城区（放大）', 'page_12: the enlarged centre has no caption')
  must((await page.$$('[data-tile=year_trend] .main circle')).length >= 1, 'the trend is empty')
  for (const tile of ['district_ranking', 'by_category', 'by_mode']) must((await texts(page, `[data-tile=${tile}] .heads`))[0]?.length > 4, `page_12: ${tile} has columns without a title`)
  must((await texts(page, '[data-tile=district_table] thead th')).filter((t) => t.startsWith('同比')).length >= 4, 'page_12: 同比 has no heading in the table')
  const whole = await texts(page, '[data-tile=district_table] tr.whole > *')
  must(whole[0] === '全市' && whole[1] === figures[0] + (await texts(page, '[data-tile=transactions] .unit'))[0].replace('笔', ''), `page_12: the whole of the table is ${whole.slice(0, 2).join(' ')}`)
  must((await texts(page, '[data-tile=district_ranking] li')).length === 16, 'the ranking does not show 16 districts')
  const foot = (await texts(page, 'footer'))[0] ?? ''
  must(/数据版本 [0-9a-f]{6}/.test(foot) && foot.includes('全市'), `foot: ${foot}`)
  await page.waitForSelector('.live.live')
  await page.click('[data-tile=district_ranking] li button')
  await page.waitForURL(/district=31\d{4}/)
  await boardReady(page)
  await page.click('.crumbs button')
  await page.waitForURL((url) => !url.search.includes('district'))
  return figures.join(', ')
}

export async function boardOfDistrict(browser) {
  const page = await browser.as('d310104', '/boards/benefit')
  await boardReady(page)
  const ranked = await texts(page, '[data-tile=district_ranking] .name')
  const listed = await texts(page, '[data-tile=district_table] tbody th')
  must(ranked.join() === '徐汇区', `ranking: ${ranked.join()}`)
  must(listed.join() === '徐汇区', `table: ${listed.join()}`)
  const all = await page.$eval('.board', (e) => e.innerText)
  const strangers = ['黄浦区', '长宁区', '静安区', '浦东新区', '崇明区'].filter((name) => all.includes(name))
  must(strangers.length === 0, `also shown: ${strangers.join()}`)
  must(all.includes('仅徐汇区'), 'the foot does not name the scope 仅徐汇区')
  await page.waitForSelector('[data-tile=beside_city] [data-comparison]')
  const beside = await texts(page, '[data-tile=beside_city] tbody th')
  must(beside.length === 3, `compared with the city: ${beside.join()}`)
  const figures = await texts(page, '.tile.figure .digits')
  must(figures.some((f) => /[1-9]/.test(f)), `figures: ${figures.join(', ')}`)
  await page.goto(`${new URL(page.url()).origin}/boards/benefit?district=310101`)
  await page.waitForSelector('[data-tile]')
  await page.waitForFunction(() => [...document.querySelectorAll('[data-tile]')].every((t) => t.dataset.state !== 'loading'))
  const foreign = await page.$$eval('.tile.figure .digits', (all2) => all2.map((e) => e.textContent))
  must(foreign.every((f) => f === '—' || f === '0' || f === '0.00'), `figures of another district are shown: ${foreign.join()}`)
  return figures.join(', ')
}

export async function leaderMenu(browser) {
  const page = await browser.as('leader', '/boards/benefit')
  await boardReady(page)
  const menu = await texts(page, '.menu a')
  const foot = (await texts(page, 'footer'))[0] ?? ''
  must(!foot.includes('@') && !foot.includes('_'), `page_15: a leader reads ${foot}`)
  must(menu.some((m) => m.includes('看板')) && !menu.some((m) => m.includes('业务数据') || m.includes('SQL')), `menu: ${menu.join()}`)
  return menu.join(' ')
}
