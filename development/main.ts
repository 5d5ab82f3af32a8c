/**
 * The app as `npm run dev` starts it: with a page that shows the settings and the last sign-ins, step by step. It is
 * not in a build.
 */
import '../src/forget-debug.js' // first: before any library is imported
import { createLog, standardOutput } from '../src/log.js'
import { run } from '../src/process.js'
import { createJournal } from './journal.js'
import { developmentPage } from './page.js'

const journal = createJournal()
const output = standardOutput()

await run({
  createLog: (config) =>
    createLog(config, {
      write(line) {
        journal.line(line)
        output.write(line)
      },
    }),
  createHandler: (config) => developmentPage(config, journal),
})
