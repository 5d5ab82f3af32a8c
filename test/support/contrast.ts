/** Computes contrasts (WCAG 2.2, 1.4.11) from what Chromium has painted. */
import type { Page } from 'playwright-core'

/** In the page: the contrast of two colours, and the background behind an element. */
const IN_PAGE = `
  const channels = (color) => color.match(/[\\d.]+/g).map(Number)
  const luminance = (color) => {
    const [r, g, b] = channels(color).map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const contrast = (one, other) => {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b)
    return (light + 0.05) / (dark + 0.05)
  }
  const behind = (element) => {
    for (let parent = element.parentElement; parent; parent = parent.parentElement) {
      const { backgroundColor } = getComputedStyle(parent)
      const [, , , alpha = 1] = channels(backgroundColor)
      if (alpha === 1) return backgroundColor
      if (alpha > 0) throw new Error('a background that one can see through: ' + parent.outerHTML)
    }
    throw new Error('nothing behind ' + element.outerHTML)
  }
  const named = (element) => element.tagName + '.' + element.className + ' ' + element.textContent.trim().slice(0, 40)
`

/** The borders that one can hardly see: with less than 3:1 to what is behind the element. */
export function faintEdges(page: Page): Promise<string[]> {
  return page.evaluate(`(() => {${IN_PAGE}
    return [...document.querySelectorAll('body *')].flatMap((element) => {
      const style = getComputedStyle(element)
      const sides = ['top', 'right', 'bottom', 'left'].filter((side) => parseFloat(style['border-' + side + '-width']) > 0)
      const ratios = sides.map((side) => contrast(style['border-' + side + '-color'], behind(element)))
      const least = Math.min(...ratios, 21)
      return least < 3 ? named(element) + ' ' + least.toFixed(2) : []
    })
  })()`)
}

/**
 * Goes through the page by the Tab key.
 * @returns how many elements the focus has reached, and the focus rings that are thinner than 2 px or have less than 3:1
 */
export async function focusRings(page: Page): Promise<{ reached: number; faint: string[] }> {
  const faint: string[] = []
  await page.evaluate('document.activeElement.blur(), window.seen = new Set()')
  for (let reached = 0; ; reached++) {
    await page.keyboard.press('Tab')
    const found = await page.evaluate<string | null>(`(() => {${IN_PAGE}
      const element = document.activeElement
      if (element === document.body || seen.has(element)) return null
      seen.add(element)
      const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(element)
      const ratio = outlineStyle === 'none' ? 1 : contrast(outlineColor, behind(element))
      return parseFloat(outlineWidth) >= 2 && ratio >= 3 ? '' : named(element) + ' ' + ratio.toFixed(2)
    })()`)
    if (found === null) return { reached, faint }
    if (found !== '') faint.push(found)
  }
}
