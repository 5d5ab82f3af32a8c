/**
 * Sees which files change, by looking at their times ten times a second. `fs.watch` and chokidar lose files, or whole
 * folders, that git has replaced. They also see nothing on some shared folders of containers.
 */
import { readdirSync, statSync } from 'node:fs'

const LOOK_MS = 100

/** The name of each file, and a text that changes when the file changes. */
type Look = Map<string, string>

/**
 * Calls `onChange` with the names of the files that are new, changed or gone, once they are quiet: a save and a
 * `git checkout` are several steps.
 * @param root a folder, with a slash at its end
 * @param names files and folders in it; they need not exist
 * @returns ends the watch
 */
export function watchFiles(root: string, names: string[], onChange: (files: string[]) => void): () => void {
  const look = () => {
    const found: Look = new Map()
    for (const name of names) lookAt(root, name, found)
    return found
  }
  let reported = look()
  let last = reported
  const timer = setInterval(() => {
    const now = look()
    const isQuiet = differences(last, now).length === 0
    last = now
    if (!isQuiet) return
    const changed = differences(reported, now)
    reported = now
    if (changed.length > 0) onChange(changed)
  }, LOOK_MS)
  return () => clearInterval(timer)
}

function lookAt(root: string, name: string, found: Look): void {
  const stats = unlessGone(() => statSync(root + name))
  if (stats?.isDirectory()) {
    for (const child of unlessGone(() => readdirSync(root + name)) ?? [])
      if (!OF_AN_EDITOR.test(child)) lookAt(root, `${name}/${child}`, found)
  } else if (stats) found.set(name, `${stats.mtimeMs} ${stats.size} ${stats.ino}`)
}

/** The value, or `undefined` if the file system refuses it, mostly because the file has just gone. */
function unlessGone<Value>(read: () => Value): Value | undefined {
  try {
    return read()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error
    return undefined
  }
}

/** Names of the files that editors put beside a file while it is open. */
const OF_AN_EDITOR = /^[.#]|~$/

function differences(before: Look, after: Look): string[] {
  const names = new Set([...before.keys(), ...after.keys()])
  return [...names].filter((name) => before.get(name) !== after.get(name))
}
