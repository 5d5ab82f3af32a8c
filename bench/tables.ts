/** Results as tables of named columns, and how they are written down. */

/** Of several rounds: the median and how far they lie apart. */
export interface Figure {
  median: number
  min: number
  max: number
}

export interface Table {
  title: string
  /** How it was measured. */
  how: string
  /** All with the columns of the first. */
  rows: Record<string, string | number | Figure>[]
}

export function figure(values: number[]): Figure {
  const sorted = [...values].sort((a, b) => a - b)
  return { median: quantile(sorted, 0.5), min: sorted[0] ?? Number.NaN, max: sorted.at(-1) ?? Number.NaN }
}

export function quantile(sorted: number[], share: number): number {
  const place = (sorted.length - 1) * share
  const [below, above] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]]
  if (below === undefined || above === undefined) return Number.NaN
  return below + (above - below) * (place % 1)
}

export function markdown({ title, how, rows }: Table): string {
  const columns = Object.keys(rows[0] ?? {})
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`
  const lines = rows.map((row) => line(columns.map((column) => text(row[column] ?? '-'))))
  const rule = `|---|${'---:|'.repeat(columns.length - 1)}`
  return [`## ${title}`, how, [line(columns), rule, ...lines].join('\n')].join('\n\n')
}

function text(value: string | number | Figure): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number') return number(value)
  const { median, min, max } = value
  return min === max ? number(median) : `${number(median)} (${number(min)} to ${number(max)})`
}

/** Two digits behind the point for small ones, none for large ones. */
function number(value: number): string {
  const digits = Math.abs(value) < 10 && !Number.isInteger(value) ? 2 : Math.abs(value) < 100 ? 1 : 0
  return value.toLocaleString('en-US', { maximumFractionDigits: digits })
}
