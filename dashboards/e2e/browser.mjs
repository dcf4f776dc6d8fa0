// The browser of the run: one context per visit, log-in through the page, errors collected.

import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'

export const SIZES = { phone: [390, 844], desk: [1440, 900], wall: [3840, 2160] }
const FLAGS = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync']
const PLACES = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

export async function openBrowser(settings) {
  const executablePath = PLACES.find((p) => p && existsSync(p))
  if (!executablePath) throw new Error('no Chromium found; install the package chromium or set CHROMIUM')
  const browser = await chromium.launch({ executablePath, args: FLAGS })
  const contexts = []
  const errors = []

  async function visit(size = 'desk') {
    const [width, height] = SIZES[size]
    const context = await browser.newContext({ viewport: { width, height }, locale: 'zh-CN', hasTouch: size === 'phone', acceptDownloads: true })
    contexts.push(context)
    const page = await context.newPage()
    page.on('pageerror', (error) => errors.push(`${page.url()}: ${error.message}`))
    page.on('console', (message) => {
      if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) errors.push(`${page.url()}: ${message.text().slice(0, 200)}`)
    })
    page.setDefaultTimeout(20_000)
    return page
  }

  return {
    errors,
    visit,
    /** A page logged in as `account`, opened at `path`. */
    async as(account, path, size = 'desk') {
      const page = await visit(size)
      await page.goto(`${settings.base}/login?return=${encodeURIComponent(path)}`)
      await page.fill('[name=account]', account)
      await page.fill('[name=password]', settings.password)
      await page.click('button[type=submit]')
      await page.waitForURL((url) => url.pathname === path.split('?')[0])
      return page
    },
    async keepFailure(name) {
      const pages = contexts.flatMap((c) => c.pages())
      await Promise.all(pages.map((p, i) => p.screenshot({ path: `${settings.out}/${name}-${i}.png` }).catch(() => undefined)))
    },
    async closePages() {
      await Promise.all(contexts.splice(0).map((c) => c.close().catch(() => undefined)))
    },
    close: () => browser.close(),
  }
}

export function must(condition, sentence) {
  if (!condition) throw new Error(sentence)
}

/** Waits until the board has answered and its charts are painted. */
export async function boardReady(page) {
  await page.waitForSelector('[data-tile]')
  await page.waitForFunction(() => {
    const tiles = [...document.querySelectorAll('[data-tile]')]
    const settled = tiles.length > 0 && tiles.every((t) => t.dataset.state !== 'loading' && t.getAttribute('aria-busy') !== 'true')
    const charts = tiles.filter((t) => t.dataset.state === 'ok' && (t.classList.contains('map') || t.classList.contains('trend')))
    return settled && charts.every((t) => t.querySelector('.canvas svg path'))
  })
}

/** How many different colours a canvas shows; one means nothing was drawn. */
export function colours(page, selector) {
  return page.$eval(selector, (canvas) => {
    const { width, height } = canvas
    const pixels = canvas.getContext('2d').getImageData(0, 0, width, height).data
    const seen = new Set()
    for (let i = 0; i < pixels.length; i += 4 * 7) seen.add((pixels[i] << 24) | (pixels[i + 1] << 16) | (pixels[i + 2] << 8) | pixels[i + 3])
    return seen.size
  })
}
