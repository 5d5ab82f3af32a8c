/** Which build of the app this is. */
import { existsSync, readFileSync } from 'node:fs'

export interface BuildInfo {
  /** As in package.json. */
  version: string
  /**
   * The commit that was built, shortened, with `-dirty` behind it if files had changed since. `undefined` if the build
   * could not know it, and in `npm run dev`.
   */
  commit: string | undefined
}

/**
 * Reads package.json, and the file that scripts/build.js writes for a build from a git clone.
 * @throws {Error} with `code: 'ENOENT'`: there is no package.json beside `dist`
 */
export function readBuildInfo(): BuildInfo {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  const commit = new URL('commit', import.meta.url)
  return { version, commit: existsSync(commit) ? readFileSync(commit, 'utf8').trim() : undefined }
}
