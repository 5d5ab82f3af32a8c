/** Reads texts out of the source, for tests that compare a document with it. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './process.js'

export const read = (file: string) => readFileSync(join(ROOT, file), 'utf8')

/** The sources in a folder, one text for each file. */
export function sourcesIn(folder: string): string[] {
  const files = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
  return files.filter((file) => file.endsWith('.ts')).map((file) => read(join(folder, file)))
}

const TOKEN = /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|\/\/[^\n]*|\/\*.*?\*\/|./gs
const isText = (token: string) => token.length > 1 && /^['"`]/.test(token)

/** The arguments of each call, as they are written. @param callee a pattern such as `new PublicError` */
export function callsIn(source: string, callee: string): string[][] {
  const starts = [...source.matchAll(new RegExp(`(?<![\\w.]|function )${callee}\\(`, 'g'))]
  return starts.map((start) => argumentsFrom(source.slice(start.index + start[0].length)))
}

function argumentsFrom(source: string): string[] {
  const found = ['']
  let depth = 0
  for (const [token] of source.matchAll(TOKEN)) {
    if (/^[([{]$/.test(token)) depth++
    if (/^[)\]}]$/.test(token) && depth-- === 0) break
    if (token === ',' && depth === 0) found.push('')
    else if (!/^\/[/*]/.test(token)) found.push(found.pop() + token)
  }
  return found.map((argument) => argument.trim()).filter(Boolean)
}

/**
 * The texts that an expression can be. What varies in them is `…`. For a name, such as `sentence`, these are the texts
 * of all constants and members of that name in the source.
 */
export function textsOf(expression: string, source: string): string[] {
  const [name] = /[\w$]+$/.exec(expression) ?? []
  const isName = /^[\w$.]+$/.test(expression)
  return isName && name ? textsNamed(name, source) : textsWithin(expression)
}

export function textsNamed(name: string, source: string): string[] {
  const end = /(?=\n\s*(?:const|return|throw|if|let|export|function|async|\/|\}|\n))/.source
  const constants = source.matchAll(new RegExp(`\\bconst ${name}(?:: [^=]*)? =\\s(.*?)${end}`, 'gs'))
  const members = [...source.matchAll(new RegExp(`(?<=[\\s{])${name}: `, 'g'))].map(
    ({ index }) => argumentsFrom(source.slice(index + name.length + 1))[0] ?? '',
  )
  return [...[...constants].map(([, expression = '']) => expression), ...members].flatMap(textsWithin)
}

/** Without those that are compared with something. */
function textsWithin(expression: string): string[] {
  const tokens = [...expression.replace(/[!=]==\s*'[^']*'/g, '').matchAll(TOKEN)].map(([token]) => token)
  return tokens.filter(isText).map(plain)
}

function plain(text: string): string {
  return text
    .slice(1, -1)
    .replace(/\$\{[^}]*\}/g, '…')
    .replace(/\\n/g, '\n')
    .replace(/\\(.)/g, '$1')
    .trim()
}
