/** Follows a guide: does in a copy of the project what the sentence above each block of code says. */
import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { ROOT, run } from './process.js'

/** What to do with one file. `anchor` is the beginning of a line, without its indentation. */
export interface Edit {
  kind: 'edit'
  how: 'make' | 'replace all' | 'change' | 'above' | 'below' | 'replace' | 'delete'
  file: string
  anchor: string
  code: string[]
}

/** Commands for a shell. */
export interface Commands {
  kind: 'commands'
  text: string
}

/** The sentences that a guide may have above a block of code. Two backticks stand around a text that has one. */
const SENTENCES: [how: Edit['how'], sentence: RegExp][] = [
  ['make', /\bMake `([^`]+)`:$/],
  ['replace all', /\bReplace all of `([^`]+)` by:$/],
  ['change', /\bIn `([^`]+)`, change (?:this line|these lines):$/],
  ['above', /\bIn `([^`]+)`, above (?:the line )?(``.+``|`[^`]+`):$/],
  ['below', /\bIn `([^`]+)`, below (?:the line )?(``.+``|`[^`]+`):$/],
  ['replace', /\bIn `([^`]+)`, replace the line (``.+``|`[^`]+`) by:$/],
]

/** A sentence without a block. */
const DELETE = /\bIn `([^`]+)`, delete the lines? ((?:`[^`]+`(?:, | and )?)+)\./g

/**
 * The steps of each section of a guide, by its heading.
 * @throws {Error} no sentence says what to do with a block of code, and it has no commands
 */
export function sectionsOf(markdown: string): Map<string, (Edit | Commands)[]> {
  const sections = markdown.split(/^##+ (?=.)/m).map((section) => {
    const [, heading = '', text = ''] = /^(.*)\n([\s\S]*)$/.exec(section) ?? []
    return [heading, stepsIn(text)] as const
  })
  return new Map(sections)
}

function stepsIn(text: string): (Edit | Commands)[] {
  const pieces = text.split(/^```(\w+)\n([\s\S]*?)\n```$/m) // prose, language, code, prose, …
  return pieces.flatMap((prose, index) => {
    if (index % 3 !== 0) return []
    const [language, code] = pieces.slice(index + 1)
    const deletions = [...prose.matchAll(DELETE)].flatMap(([, file, anchors = '']) =>
      [...anchors.matchAll(/`[^`]+`/g)].map(([anchor]) => edit('delete', file, anchor)),
    )
    return code === undefined ? deletions : [...deletions, stepFor(prose.trimEnd(), language, code)]
  })
}

function stepFor(prose: string, language: string | undefined, code: string): Edit | Commands {
  for (const [how, sentence] of SENTENCES) {
    const [, file, anchor] = sentence.exec(prose) ?? []
    if (file) return edit(how, file, anchor, code)
  }
  if (language === 'sh') return { kind: 'commands', text: code }
  throw new Error(`No sentence says what to do with this block:\n${code}`)
}

function edit(how: Edit['how'], file = '', anchor = '', code = ''): Edit {
  return { kind: 'edit', how, file, anchor: anchor.replace(/^`+ ?| ?`+$/g, ''), code: code.split('\n') }
}

/** A copy of the project: all that git has, or would have. */
export function copyProject() {
  const folder = mkdtempSync(join(tmpdir(), 'lair-guide-'))
  const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
  })
  for (const file of files
    .toString()
    .split('\0')
    .filter((name) => name !== '' && existsSync(join(ROOT, name))))
    cpSync(join(ROOT, file), join(folder, file), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  const at = (file: string) => join(folder, file)

  return {
    folder,
    /** @throws {Error} the file or the line that the guide names does not exist, or exists twice */
    apply({ how, file, anchor, code }: Edit): void {
      if ((how === 'make') === existsSync(at(file))) throw new Error(`${how}: ${file} is there, or is not`)
      if (how === 'make') mkdirSync(dirname(at(file)), { recursive: true })
      const lines = how === 'make' ? [] : readFileSync(at(file), 'utf8').split('\n')
      writeFileSync(at(file), edited(lines, { how, anchor, code }).join('\n'))
    },
    /** @returns what the command prints. @throws {Error} with it, if the command fails */
    async run(command: string): Promise<string> {
      const { ended, output } = run('sh', ['-ec', command], {}, folder)
      const code = await ended
      if (code !== 0) throw new Error(`${command} ended with ${code}:\n${output()}`)
      return output()
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

function edited(lines: string[], { how, anchor, code }: Pick<Edit, 'how' | 'anchor' | 'code'>): string[] {
  if (how === 'make' || how === 'replace all') return [...code, '']
  return how === 'change' ? changed(lines, code) : placed(lines, how, anchor, code)
}

/**
 * Each line of `code` takes the place of the next line that begins in the same way, up to its first `: ` or ` = `. A line
 * that opens a block says where to go on.
 */
function changed(lines: string[], code: string[]): string[] {
  const edited = [...lines]
  let from = 0
  for (const line of code.map((text) => text.trim()).filter((text) => text !== '' && text !== '}')) {
    const [beginning = ''] = /^.*?(?:: | = |$)/.exec(line) ?? []
    const at = lines.findIndex((text, index) => index >= from && text.trim().startsWith(beginning))
    if (at === -1) throw new Error(`No further line begins with ${beginning}`)
    edited[at] = indentOf(lines[at]) + line
    if (line.endsWith('{')) from = at + 1
  }
  return edited
}

function placed(lines: string[], how: Edit['how'], anchor: string, code: string[]): string[] {
  const found = lines.flatMap((line, index) => (line.trim().startsWith(anchor) ? [index] : []))
  const [at] = found
  if (at === undefined || found.length > 1) throw new Error(`${found.length} lines begin with ${anchor}`)
  const inner = indentOf(code[0]).length
  const indented = code.map((line) => indentOf(lines[at]) + line.slice(inner))
  if (how === 'delete') return lines.toSpliced(at, 1)
  return lines.toSpliced(how === 'below' ? at + 1 : at, how === 'replace' ? 1 : 0, ...indented)
}

const indentOf = (line = '') => line.slice(0, line.length - line.trimStart().length)
