// Pictures are made one after the other, each in a turn of its own, so that a click or a scroll is answered in between. What is
// on screen first comes first; printing does not wait.

type Turn = () => void
const waiting: Turn[] = []
let running = false

/** A moment when the browser has nothing better to do, at the latest after 100 ms. */
function idle(run: () => void): void {
  if (typeof requestIdleCallback === 'function') requestIdleCallback(run, { timeout: 100 })
  else setTimeout(run, 0)
}

function next(): void {
  const turn = waiting.shift()
  running = turn !== undefined
  if (!turn) return
  turn()
  idle(next)
}

/** Runs when its turn comes; the returned function gives the turn up. */
export function inTurn(run: Turn): () => void {
  waiting.push(run)
  if (!running) {
    running = true
    idle(next)
  }
  return () => {
    const at = waiting.indexOf(run)
    if (at >= 0) waiting.splice(at, 1)
  }
}

/** Everything now: paper has no second moment. */
export function allTurns(): void {
  for (const turn of waiting.splice(0)) turn()
}
if (typeof window !== 'undefined') window.addEventListener('beforeprint', allTurns)
