/** Changes some settings in the text of a `.env` file. All other lines stay as they are. */
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs'

/** The values for settings, by name. `undefined` takes a setting out of the file. */
export type Changes = Record<string, string | undefined>

export function readText(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}

/** The text with each setting of `changes` on one line: where it was, or at the end. */
export function withChanges(text: string, changes: Changes): string {
  const left = new Map(Object.entries(changes))
  const take = (name: string) => {
    const value = left.get(name)
    left.delete(name)
    return value === undefined ? '' : `${name}=${quoted(value)}\n`
  }
  const changed = text.replace(ASSIGNMENT, (lines, name) =>
    Object.hasOwn(changes, name) ? take(name) : lines,
  )
  const added = [...left.keys()].map(take).join('')
  return changed + (added !== '' && /[^\n]$/.test(changed) ? '\n' : '') + added
}

/**
 * Writes the file in one step, readable for its owner alone. If the process is killed, the old file is still there. A
 * symbolic link stays one.
 */
export function writeText(file: string, text: string): void {
  const target = existsSync(file) ? realpathSync(file) : file
  const draft = draftOf(target)
  try {
    writeFileSync(draft, text, { mode: 0o600, flag: 'wx' })
    renameSync(draft, target)
  } finally {
    rmSync(draft, { force: true })
  }
}

/** @throws {Error} of the file system: the file cannot be written */
export function tryToWrite(file: string): void {
  const draft = draftOf(existsSync(file) ? realpathSync(file) : file)
  writeFileSync(draft, '', { mode: 0o600, flag: 'wx' })
  rmSync(draft)
}

function draftOf(file: string): string {
  return `${file}.${randomBytes(6).toString('hex')}`
}

/** The lines that set a name. A value in quotes may have line breaks. */
const ASSIGNMENT =
  /^[ \t]*(?:export[ \t]+)?([\w.-]+)[ \t]*=[ \t]*(?:(["'\x60])(?:\\\2|(?!\2)[\s\S])*\2[^\n]*|[^\n]*)(?:\n|$)/gm

/** In a value without quotes, dotenv takes everything behind a `#` for a comment. */
function quoted(value: string): string {
  return value.includes('#') ? `'${value}'` : value
}
