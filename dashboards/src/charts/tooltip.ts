// One look for every chart tooltip.

import type { Inks } from '@/theme/palette'

export function tooltipStyle(ink: Inks, scale: number) {
  return {
    confine: true,
    transitionDuration: 0.1,
    backgroundColor: ink.surface,
    borderColor: ink.line,
    borderWidth: 1,
    padding: [8 * scale, 12 * scale],
    textStyle: { color: ink.text, fontSize: 12 * scale, fontFamily: 'inherit' },
    extraCssText: 'box-shadow:0 4px 16px rgb(23 32 46/.14);border-radius:6px;font-variant-numeric:tabular-nums',
  }
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`)
}

/** A title and lines of name and value. */
export function tooltipHtml(title: string, lines: { name: string; value: string; colour?: string }[]): string {
  const rows = lines.map((l) => `<tr><td style="padding:1px 16px 1px 0;opacity:.75">${l.colour ? `<span style="display:inline-block;width:8px;height:8px;border-radius:2px;margin-right:6px;background:${l.colour}"></span>` : ''}${escapeHtml(l.name)}</td><td style="text-align:right;font-weight:600">${escapeHtml(l.value)}</td></tr>`).join('')
  return `<div style="font-weight:600;margin-bottom:2px">${escapeHtml(title)}</div><table style="width:auto">${rows}</table>`
}
