// The place on a page one comes back to. A page without its data is short: who scrolls at once ends at its top.

export interface Place { left: number; top: number }
/** What is asked of the window; in tests a made-up one. */
export interface Sheet {
  /** How far down it can be scrolled now, and where it stands. */
  reach: () => number
  at: () => number
  /** Whether it is still the page one came back to. */
  same: () => boolean
  pause: () => Promise<void>
}

/** Frames of waiting: some five seconds. */
const PATIENCE = 300

/** The place, once the page reaches down to it (or has had its time); `false` when the person moved on or scrolled meanwhile. */
export async function whenReachable(place: Place, sheet: Sheet): Promise<Place | false> {
  const start = sheet.at()
  for (let frame = 0; frame < PATIENCE && sheet.reach() < place.top; frame++) {
    await sheet.pause()
    if (!sheet.same() || sheet.at() > start) return false
  }
  return place
}

export function windowSheet(same: () => boolean): Sheet {
  const root = document.documentElement
  return {
    reach: () => root.scrollHeight - window.innerHeight,
    at: () => window.scrollY,
    same,
    pause: () => new Promise((done) => { requestAnimationFrame(() => done()) }),
  }
}
