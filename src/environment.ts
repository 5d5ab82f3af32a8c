/** The environment as the app sees it: the process's own, over the `.env` in the current folder. */
import { config } from 'dotenv'
import type { Environment } from './config.js'

/** Leaves `process.env` as it is, so that no library finds our settings there. */
export function readEnvironment(): Environment {
  const file: Record<string, string> = {}
  config({ processEnv: file, quiet: true })
  return { ...file, ...process.env }
}
