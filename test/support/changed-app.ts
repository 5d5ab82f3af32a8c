/** The app with a line that a developer has added: a changed copy of `src/`, with the real views and packages. */
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { startServer } from '../../src/server.js'
import { ROOT } from './process.js'

interface ChangedApp {
  startServer: typeof startServer
  /** Deletes the copy. */
  remove(): void
}

/**
 * @param line a line of code for `src/app.ts`
 * @param after the beginning of the line after which it goes; by default that of the lair, where pages belong
 */
export async function appWith(line: string, after = "page('/lair'"): Promise<ChangedApp> {
  const copy = mkdtempSync(join(tmpdir(), 'lair-'))
  cpSync(join(ROOT, 'src'), join(copy, 'src'), { recursive: true })
  for (const name of ['node_modules', 'views', 'public', 'package.json'])
    symlinkSync(join(ROOT, name), join(copy, name))
  const app = join(copy, 'src/app.ts')
  const lines = readFileSync(app, 'utf8').split('\n')
  const at = lines.findIndex((other) => other.trim().startsWith(after))
  if (at === -1) throw new Error(`src/app.ts has no line that begins with ${after}`)
  writeFileSync(app, lines.toSpliced(at + 1, 0, line).join('\n'))
  const { startServer } = await import(/* @vite-ignore */ join(copy, 'src/server.ts'))
  return { startServer, remove: () => rmSync(copy, { recursive: true, force: true }) }
}
