/** The logger: one JSON line for each event. Of an error it writes only what `describeError` lets through. */
import { writeSync } from 'node:fs'
import { type DestinationStream, type Logger, pino } from 'pino'
import type { Config } from './config.js'

export type Log = Logger

/**
 * @param destination where the lines go; standard output by default
 */
export function createLog(config: Pick<Config, 'logLevel'>, destination = standardOutput()): Log {
  const options = {
    level: config.logLevel,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: describeError, path: scrub, reason: scrub },
    formatters: { level: (label: string) => ({ level: label }) },
  }
  return pino(options, destination)
}

/** Of lines that cannot be written just now, this much is kept. */
const MAX_WAITING_BYTES = 2 ** 20
/** Of this, lines that anybody on the internet can cause may fill one half. The other is kept for all other lines. */
const ORDINARY = /^\{"level":"info".*"msg":"answered \d{3}"\}$/m
const RETRY_MS = 100

/**
 * Standard output. Where it fails, as on a full disk or when its reader is gone or stuck, only the log suffers: lines
 * wait, and are tried again with the next line and by a timer. How many found no room is said once nothing waits.
 * pino's own destination cannot do this: once full, it drops every line and tries none.
 */
function standardOutput(): DestinationStream {
  const { fd } = process.stdout // not 1: looking at `process.stdout` makes a pipe one that does not block
  const waiting: Buffer[] = []
  let waitingBytes = 0
  let lostLines = 0
  const retry = setTimeout(flush, RETRY_MS).unref()

  function write(line: string): void {
    const bytes = Buffer.from(line)
    const room = ORDINARY.test(line) ? MAX_WAITING_BYTES / 2 : MAX_WAITING_BYTES
    if (waitingBytes + bytes.length > room) lostLines++
    else {
      waiting.push(bytes)
      waitingBytes += bytes.length
    }
    flush()
  }

  function flush(): void {
    try {
      for (let [first] = waiting; first; [first] = waiting) {
        const written = writeSync(fd, first)
        waitingBytes -= written
        if (written < first.length) waiting[0] = first.subarray(written)
        else waiting.shift()
      }
    } catch {
      retry.refresh()
      return
    }
    if (lostLines === 0) return
    const report = { level: 'warn', time: new Date(), lostLines, msg: 'lines of this log were lost' }
    lostLines = 0
    write(`${JSON.stringify(report)}\n`)
  }

  return { write }
}

/**
 * What the log says about an error: a few fields by name. In other fields libraries keep requests, headers and tokens.
 * Texts are scrubbed, because they may come from a URL or from Okta.
 */
function describeError(error: unknown, causes = MAX_CAUSES): object {
  if (!(error instanceof Error)) return { type: typeof error, message: scrub(String(error), MAX_MESSAGE) }
  const { code, status } = error as { code?: unknown; status?: unknown }
  return {
    type: error.name,
    message: scrub(error.message, MAX_MESSAGE),
    ...(code !== undefined && { code }),
    ...(status !== undefined && { status }),
    ...(error.stack && { stack: scrub(error.stack) }),
    ...(error.cause !== undefined && causes > 0 && { cause: describeError(error.cause, causes - 1) }),
  }
}

/** As many as the app's own errors have. More may be a circle. */
const MAX_CAUSES = 2
const MAX_MESSAGE = 500
/** Enough for a message and its stack. */
const MAX_CHARACTERS = 2200

/** A character of an e-mail address, in any script, also encoded for a URL. */
const WORD = String.raw`[\w!#$%'*+.@^~\x80-\uffff-]`
// These begin only where a run of their characters begins. So they take time that grows with the text, and no faster.
/** A word with an at-sign in it, also with one that was encoded several times. */
const E_MAIL = new RegExp(`(?<!${WORD})${WORD}+?(?:@|%(?:25)*40)${WORD}*`, 'g')
/** Codes and tokens are as long as this. */
const SECRET = /(?<![\w.~+-])[\w.~+-]{40,}/g
/** Half of a word: nobody can tell what the whole is. */
const LAST_WORD = new RegExp(`(?<!${WORD})${WORD}*$`)

/** Blanks out e-mail addresses, codes and tokens. */
function scrub(text: string, most = MAX_CHARACTERS): string {
  const start = text.length > most ? text.slice(0, most).replace(LAST_WORD, '[cut]') : text
  return start.replace(E_MAIL, '[e-mail]').replace(SECRET, '[secret]')
}
