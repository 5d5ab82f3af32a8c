/** What the local Okta and `npm run dev`, which has started it, say to each other about a restart of the app. */
import { once } from 'node:events'

/** What the local Okta asks for. The answer is whether the app has started again. */
export const RESTART = 'restart the app'

/** @throws {Error} the app has not started again */
export async function restartApp(): Promise<void> {
  const answered = once(process, 'message')
  process.send?.(RESTART)
  const [isUp] = await answered
  if (isUp !== true) throw new Error('The app has not started again.')
}
