/** The app as a process of its own, started by a shell, which can send its output anywhere. */
import { type TestContext, vi } from 'vitest'
import { environmentFor, type Lair } from './lair.js'
import { freePort, type Run, run } from './process.js'
import { Visitor } from './visitor.js'

/** `setup.ts` builds it before the tests begin. */
export const MAIN = 'dist/main.js'

interface AppProcess {
  app: Run
  port: number
  visitor: Visitor
}

/**
 * Resolves when the app answers.
 * @param command what follows `node`, and where the output goes
 * @param okta the org that the app trusts
 */
export async function startAppProcess(
  command: string,
  { okta, test, env = {} }: { okta: Lair['okta']; test: TestContext; env?: Record<string, string> },
): Promise<AppProcess> {
  const port = await freePort()
  const settings = { ...environmentFor(okta), PORT: String(port), ...env }
  const app = run('sh', ['-c', `exec node ${command}`], settings)
  test.onTestFinished(() => void app.child.kill('SIGKILL'))
  const visitor = new Visitor(`http://localhost:${port}`)
  await vi.waitFor(() => visitor.ask('/healthz'), 15_000)
  return { app, port, visitor }
}
