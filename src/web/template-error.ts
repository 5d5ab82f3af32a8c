/** What is wrong with a template, for the page of `npm run dev`. */
import { readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { Script } from 'node:vm'
import ejs from 'ejs'

/** An error in a template. Only in development; in production the app throws what EJS throws. */
export class TemplateError extends Error {
  override name = 'TemplateError'
  /** The template and the line, some lines around it, and EJS's message. EJS changes `message` on the way out. */
  readonly explanation: string

  /** @param file the path of the template */
  constructor(file: string, cause: unknown) {
    const name = join(basename(dirname(file)), basename(file))
    const { message } = cause as Error
    const said = message.replace(file, name).replace(/\n\nIf the above error is not helpful.*/s, '')
    const explanation = cause instanceof SyntaxError ? `${name}:${lineOf(file)}\n\n${said}` : said
    super(explanation, { cause })
    this.explanation = explanation
  }
}

/** EJS does not tell the line of a syntax error. The code that it makes of the template counts the lines, though. */
function lineOf(file: string): string {
  const template = new ejs.Template(readFileSync(file, 'utf8'), { compileDebug: true }) as unknown as {
    source: string
    generateSource(): void
  }
  template.generateSource()
  try {
    new Script(template.source)
  } catch (error) {
    const [, line] = /:(\d+)/.exec(String((error as Error).stack)) ?? []
    const before = template.source.split('\n').slice(0, Number(line)).join('\n')
    return /.*__line = (\d+)/s.exec(before)?.[1] ?? '1'
  }
  return '1'
}
