// Which of the three surfaces is shown: phone, desk or wall. The wall is dark and true-pixel and shown only when chosen
// (`?wall=1`): a wide screen on a desk keeps the board with its menu and filters, only drawn larger.

import { computed, ref, watchEffect } from 'vue'

const width = ref(window.innerWidth)
const address = ref(window.location.search)
window.addEventListener('resize', () => { width.value = window.innerWidth })

/** Told by the board page, since the router changes the address without an event. */
export function noteAddress(search: string): void { address.value = search }

const onBoard = ref(false)
export function boardShown(yes: boolean): void { onBoard.value = yes }

export const wall = computed(() => new URLSearchParams(address.value).get('wall') === '1')
// Paper is no phone, from whichever window it is printed: what is folded there would be a button on paper.
const paper = window.matchMedia?.('print')
const printed = ref(paper?.matches ?? false)
paper?.addEventListener('change', () => { printed.value = paper.matches })
export const phone = computed(() => width.value < 700 && !printed.value)

/** Pixels per design pixel, for what is drawn in pixels and cannot use rem. */
export const scale = computed(() => {
  if (wall.value && onBoard.value) return width.value / 1920
  return width.value >= 3600 ? 1.5 : width.value >= 2560 ? 1.25 : 1
})

watchEffect(() => {
  const root = document.documentElement
  root.classList.toggle('wall', wall.value && onBoard.value)
  root.style.fontSize = `${16 * scale.value}px`
  document.querySelector('meta[name="color-scheme"]')?.setAttribute('content', wall.value && onBoard.value ? 'dark' : 'light')
})
