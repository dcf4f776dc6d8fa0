// Server-sent events over fetch, because EventSource cannot send the Bearer token. Reconnects with backoff.

import { authorization } from './client'

export type LiveState = 'connecting' | 'live' | 'lost'
export interface SseMessage { event: string; data: string }

/** Splits the text stream into messages; keeps the unfinished rest for the next chunk. */
export class SseParser {
  private rest = ''

  push(chunk: string): SseMessage[] {
    // Line ends are read only once whole: a chunk may end between CR and LF.
    const blocks = (this.rest + chunk).split(/\r\n\r\n|\n\n|\r\r/)
    this.rest = blocks.pop() ?? ''
    return blocks.map(readBlock).filter((m): m is SseMessage => m !== null)
  }
}

function readBlock(block: string): SseMessage | null {
  let event = 'message'
  const data: string[] = []
  for (const line of block.split(/\r\n|\n|\r/)) {
    if (line.startsWith('event:')) event = line.slice(6).trim()
    else if (line.startsWith('data:')) data.push(line.slice(5).replace(/^ /, ''))
  }
  return data.length > 0 ? { event, data: data.join('\n') } : null
}

export function backoff(attempt: number): number {
  return Math.min(30_000, 500 * 2 ** attempt)
}

/** Calls `onTick` at each change of the data until the returned function is called. */
export function listen(onTick: () => void, onState: (state: LiveState) => void): () => void {
  const stop = new AbortController()
  let attempt = 0

  const run = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      onState(attempt === 0 ? 'connecting' : 'lost')
      try {
        // Low: the line stays open, and must neither go before the figures nor keep the page from counting as loaded.
        const response = await fetch('/api/v1/events', {
          headers: { Accept: 'text/event-stream', ...authorization() }, signal: stop.signal, priority: 'low',
        })
        if (response.ok && response.body) {
          // Whatever changed while the line was down is fetched now.
          if (attempt > 0) onTick()
          attempt = 0
          onState('live')
          await drain(response.body, onTick)
        }
      } catch {
        if (stop.signal.aborted) return
      }
      onState('lost')
      await pause(backoff(attempt++), stop.signal)
    }
  }
  void run()
  return () => stop.abort()
}

async function drain(body: ReadableStream<Uint8Array>, onTick: () => void): Promise<void> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  const parser = new SseParser()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    if (parser.push(decoder.decode(value, { stream: true })).some((m) => m.event === 'data' || m.event === 'message')) onTick()
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => { clearTimeout(timer); resolve() }, { once: true })
  })
}
