// Reports: the newest finished run (made now if there is none), downloaded through the page.

import { readFileSync } from 'node:fs'
import { must } from './browser.mjs'

const scopes = (page) => page.$$eval('.files .scope', (all) => all.map((e) => e.textContent.trim()))

export async function downloadReport(browser, settings) {
  const page = await browser.as('city', '/reports')
  await page.waitForSelector('.defs button')
  await page.waitForTimeout(800)
  if ((await page.$$('.files .btn')).length === 0) await page.click('.now .btn.primary')
  await page.waitForSelector('.files .btn', { timeout: 120_000 })
  const waiting = page.waitForEvent('download')
  await page.click('.files .btn:has-text("PDF")')
  const file = await waiting
  const path = `${settings.out}/${file.suggestedFilename()}`
  await file.saveAs(path)
  const head = readFileSync(path)
  must(head.subarray(0, 4).toString() === '%PDF' && head.length > 1000, `${file.suggestedFilename()} is no PDF`)

  const district = await browser.as('d310104', '/reports')
  await district.waitForSelector('.files .btn', { timeout: 30_000 })
  const own = await scopes(district)
  must(own.length === 1 && own[0].includes('徐汇'), `d310104 sees the files of ${own.join()}`)
  return `${file.suggestedFilename()}, ${head.length} bytes`
}
