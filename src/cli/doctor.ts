/** npm run doctor: checks the settings and the Okta org, and says what to mend. Exit code 1 if a check has failed. */
import '../forget-debug.js' // first: before any library is imported
import { parseArgs } from 'node:util'
import { readEnvironment } from '../config.js'
import { runDoctor } from './checks/run-doctor.js'
import { asLines, asTable } from './print-findings.js'

const USAGE = `Usage: npm run doctor [-- --json]
  --json  prints a list of { "check", "status", "message", "detail"?, "remedy"? }`

const NARROW = 80

function wantsJson(): boolean {
  try {
    return parseArgs({ options: { json: { type: 'boolean', default: false } } }).values.json
  } catch {
    process.stderr.write(`${USAGE}\n`)
    process.exit(2)
  }
}

const json = wantsJson()
const findings = await runDoctor({ env: readEnvironment() })
const { isTTY, columns = NARROW } = process.stdout
const text = json ? JSON.stringify(findings, null, 2) : isTTY ? asTable(findings, columns) : asLines(findings)
const code = findings.some(({ status }) => status === 'failed') ? 1 : 0
process.stdout.write(`${text}\n`, () => process.exit(code)) // calls that no check waits for any more may go on
