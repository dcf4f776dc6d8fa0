import { afterEach, expect, test, vi } from 'vitest'

afterEach(() => { vi.unstubAllGlobals(); vi.resetModules() })

async function surfaceAt(innerWidth: number, search: string) {
  const classes = new Set<string>()
  vi.stubGlobal('window', { innerWidth, location: { search }, addEventListener: () => undefined })
  vi.stubGlobal('document', {
    documentElement: { classList: { toggle: (name: string, on: boolean) => (on ? classes.add(name) : classes.delete(name)) }, style: {} }, querySelector: () => null, createElement: () => ({}),
  })
  const surface = await import('./surface')
  surface.boardShown(true)
  return surface
}

test('page_10: the wall is chosen, never imposed by the width of the screen', async () => {
  expect((await surfaceAt(3840, '')).wall.value).toBe(false)
  vi.resetModules()
  expect((await surfaceAt(3840, '?wall=1')).wall.value).toBe(true)
  vi.resetModules()
  expect((await surfaceAt(1440, '?wall=1')).scale.value).toBe(0.75)
})

test('page_10: a wide screen on a desk draws the board larger', async () => {
  expect((await surfaceAt(3840, '')).scale.value).toBe(1.5)
})
