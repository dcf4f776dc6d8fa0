// End to end in a real Chromium against a running server with demonstration data.
// npm run e2e -- --base http://127.0.0.1:8080 --password PW --out DIR
// (or PUJIANG_URL, PUJIANG_DEMO_PASSWORD, PUJIANG_SCREENSHOTS). Prints one line per step; exit code 1 if one failed.

import { mkdirSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { board, boardOfDistrict, leaderMenu } from './board.mjs'
import { openBrowser } from './browser.mjs'
import { enterTransaction } from './entry.mjs'
import { downloadReport } from './report.mjs'
import { administratorsHavePages, emptyPeriodIsEmpty, importWithPreview, internalFieldsAreNotOffered, passwordIsChanged, quarantineCanBeWorkedWith, recordTellsItsHistory } from './office.mjs'
import { boardKeepsItsPlaceAndAddress, listKeepsItsPlace, printedBoard, tabsShareTheSession, wallOnlyWhenChosen, whatIsNotThereSaysSo } from './places.mjs'
import { axeOnEveryPage, boardIsLight } from './quality.mjs'
import { screenshots } from './screenshots.mjs'
import { sqlOfDistrict, sqlPage } from './sql.mjs'
import { whyAndView } from './view.mjs'

const { values } = parseArgs({ options: { base: { type: 'string' }, password: { type: 'string' }, out: { type: 'string' } } })
const settings = {
  base: (values.base ?? process.env.PUJIANG_URL ?? 'http://127.0.0.1:8080').replace(/\/$/, ''),
  password: values.password ?? process.env.PUJIANG_DEMO_PASSWORD,
  out: values.out ?? process.env.PUJIANG_SCREENSHOTS ?? 'screenshots',
}
if (!settings.password) {
  console.error('e2e: give the password of the demonstration accounts: --password PW or PUJIANG_DEMO_PASSWORD')
  process.exit(2)
}
mkdirSync(settings.out, { recursive: true })

let passed = 0
let failed = 0
const browser = await openBrowser(settings)
async function step(name, run) {
  const start = Date.now()
  try {
    const said = await run(browser, settings)
    passed++
    console.log(`ok     ${name}${said ? `: ${said}` : ''} (${Date.now() - start} ms)`)
  } catch (error) {
    failed++
    console.log(`not ok ${name}: ${String(error?.message ?? error).split('\n').slice(0, 6).join(' | ')}`)
    await browser.keepFailure(`failed-${passed + failed}`)
  } finally {
    await browser.closePages()
  }
}

await step('city: every tile of the board is drawn', board)
await step('d310104: only 徐汇区 is on the board', boardOfDistrict)
await step('leader: the menu holds the board but no business data', leaderMenu)
await step('d310104: a transaction entered in the portal is on the board within 3 s', enterTransaction)
await step('city and d310104: a report is downloaded, each sees its own scope', downloadReport)
await step('city: the SQL page completes, answers, draws, exports, explains mistakes', sqlPage)
await step('d310104: the SQL page knows only 徐汇区 and forgets with the log-out', sqlOfDistrict)
await step('secadmin: why a row is seen, and a look through another account', whyAndView)
await step('page_3, page_11: a record tells its history, an irreversible step warns and asks why', recordTellsItsHistory)
await step('page_7: an empty period is empty and says why', emptyPeriodIsEmpty)
await step('page_11: internal fields are not offered, 实付 is computed, streets have names', internalFieldsAreNotOffered)
await step('page_11: a file is checked before it is imported', importWithPreview)
await step('page_2, page_11: quarantined rows are masked and can be worked with', quarantineCanBeWorkedWith)
await step('page_11: the own password is changed', passwordIsChanged)
await step('page_11: administrators and auditors have pages', administratorsHavePages)
await step('page_9: filter, sort and page keep their place', listKeepsItsPlace)
await step('place_28, address_28: the board keeps its place and corrects its address', boardKeepsItsPlaceAndAddress)
await step('page_9: the tabs of one browser share a session', tabsShareTheSession)
await step('page_10: the wall is shown only when chosen', wallOnlyWhenChosen)
await step('page_13, page_14: axe finds nothing critical or serious', axeOnEveryPage)
await step('page_15: what is not there or not allowed says so', whatIsNotThereSaysSo)
await step('page_15: a printed board is neither split nor on itself', printedBoard)
await step('page_16: the board is light and does not jump', boardIsLight)
for (const [name, run] of screenshots) await step(name, run)
await step('no page threw an error or was refused by the content policy', async () => {
  if (browser.errors.length > 0) throw new Error(browser.errors.slice(0, 5).join(' | '))
})

await browser.close()
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed > 0 ? 1 : 0)
