// Where the two maps lie in a box, and which names fit into their districts. Pure: pixels in, pixels out.

import { around, CENTRAL, type Bounds, type Shape } from './geography'

export interface Frame { x: number; y: number; w: number; h: number }
/** From the plane to pixels: `x * k + dx`. */
export interface Fit { k: number; dx: number; dy: number }

/** The city, and beside it (below it in a narrow box) the crowded centre enlarged. */
export function frames(width: number, height: number, font: number): { city: Frame; centre: Frame } {
  const gap = font
  const caption = font * 1.75
  if (width < height * 1.15) {
    const top = height * 0.46
    return { city: { x: 0, y: 0, w: width, h: top }, centre: { x: 0, y: top + gap + caption, w: width, h: height - top - gap - caption } }
  }
  const cityWidth = Math.min(width * 0.56, height * 0.95)
  const rest = Math.min(width - cityWidth - gap, height * 0.95)
  const left = Math.max(0, (width - cityWidth - gap - rest) / 2)
  const side = Math.min(rest, height - caption)
  return { city: { x: left, y: 0, w: cityWidth, h: height }, centre: { x: left + cityWidth + gap, y: caption + (height - caption - side) / 2, w: rest, h: side } }
}

export function fit(bounds: Bounds, frame: Frame, margin: number): Fit {
  const k = Math.min((frame.w - margin * 2) / (bounds.right - bounds.left), (frame.h - margin * 2) / (bounds.bottom - bounds.top))
  return {
    k,
    dx: frame.x + frame.w / 2 - (k * (bounds.left + bounds.right)) / 2,
    dy: frame.y + frame.h / 2 - (k * (bounds.top + bounds.bottom)) / 2,
  }
}

/** The frame of the city map that the second map enlarges. */
export function enlarged(shapes: Shape[], city: Fit): Frame {
  const b = around(shapes.filter((s) => CENTRAL.has(s.code)))
  return { x: b.left * city.k + city.dx, y: b.top * city.k + city.dy, w: (b.right - b.left) * city.k, h: (b.bottom - b.top) * city.k }
}

function widthOf(text: string, font: number): number {
  return [...text].reduce((sum, c) => sum + (c > '\u2e80' ? font : font * 0.58), 0)
}

/** The lines that stay inside the district: name and value, the name alone, or nothing (the tooltip has it all). */
export function label(shape: Shape, at: Fit, name: string, value: string, font: number): string[] {
  const room = shape.spot.room * at.k
  const fits = (lines: string[]): boolean => {
    const half = Math.max(...lines.map((l) => widthOf(l, font))) / 2
    const tall = (lines.length * font * 1.15) / 2
    // The circle is the least there is; most districts have more room to the sides than above.
    return Math.hypot(half * 0.85, tall * 0.8) <= room
  }
  const both = value ? [name, value] : [name]
  return fits(both) ? both : fits([name]) ? [name] : []
}
