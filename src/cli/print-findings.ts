/** How the findings of the doctor look: a table on a terminal, one line for each check elsewhere. */
import type { Finding } from './checks/run-doctor.js'

/** Some texts come from outside. In a terminal, control characters could overwrite lines. */
export const clean = (text: string) => text.replace(/[^\P{Cc}\n]/gu, '?')

/** One line for each finding, and one that counts them. */
export function asLines(findings: Finding[]): string {
  const lines = findings.map(({ check, status, message, detail, remedy }) => {
    const parts = [message, detail, remedy && `Remedy: ${remedy}`]
    const text = parts.flatMap((part) => part?.split('\n') ?? []).map((line) => `${line.replace(/\.$/, '')}.`)
    return clean(`${status} ${check}: ${text.join(' ')}`)
  })
  return [...lines, count(findings)].join('\n')
}

const STATUS_WIDTH = 'warning  '.length

/** @param width of the terminal, in characters */
export function asTable(findings: Finding[], width: number): string {
  const nameWidth = Math.max(...findings.map(({ check }) => check.length)) + 2
  const left = STATUS_WIDTH + nameWidth
  const lines = findings.flatMap(({ check, status, message, detail, remedy }) => {
    const parts = [message, detail, remedy?.replace(/^/gm, '> ')]
    const cell = parts.flatMap((part) => wrap(clean(part ?? ''), Math.max(40, width - left)))
    const [first, ...others] = cell
    const head = status.padEnd(STATUS_WIDTH) + check.padEnd(nameWidth)
    return [head + first, ...others.map((line) => ' '.repeat(left) + line)]
  })
  return [...lines, '', count(findings)].join('\n')
}

/** The lines of a text, broken between words so that each is at most `width` long where that is possible. */
function wrap(text: string, width: number): string[] {
  const line = new RegExp(`\\S(?:.{0,${width - 2}}\\S)?(?=\\s|$)|\\S+`, 'g')
  return text.match(line) ?? []
}

function count(findings: Finding[]): string {
  const counts = (['failed', 'warning', 'unknown', 'ok'] as const).map((status) => {
    return `${status} ${findings.filter((one) => one.status === status).length}`
  })
  return `${counts.join(', ')}.`
}
