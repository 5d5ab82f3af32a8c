/** The logger: one JSON line for each event. Of an error it writes only what `describeError` returns. */
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
    serializers: { err: describeError, ip: scrub, path: scrub, reason: scrub },
    formatters: { level: (label: string) => ({ level: label }) },
  }
  return pino(options, destination)
}

/** The most bytes of lines that wait while they cannot be written. */
const MAX_WAITING_BYTES = 2 ** 20
/** Lines that anybody on the internet can cause. They may fill half of the room; the rest is for all other lines. */
const ORDINARY = /^\{"level":"info".*"msg":"answered \d{3}"\}$/m
const RETRY_MS = 100

/**
 * Standard output. If it fails, only the log suffers. It fails when the disk is full, or when the program that reads it
 * has ended or does not read on. Lines then wait, and the next line or a timer writes them. If there was no room for
 * some lines, a line of the log says afterwards how many were lost. pino's own destination cannot do this: once it is
 * full, it drops every line and does not try again.
 */
export function standardOutput(): DestinationStream {
  const { fd } = process.stdout // not 1: when code reads `process.stdout`, Node makes a pipe non-blocking
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

/** The app's own errors have no more causes. A longer chain may be a circle. */
const MAX_CAUSES = 2
const MAX_MESSAGE = 500
/** Enough for a message and its stack. */
const MAX_CHARACTERS = 2200

/** A character of an e-mail address, in any script, also encoded for a URL. */
const WORD = String.raw`[\w!#$%'*+.@^~\x80-\uffff-]`
// Each pattern matches only at the beginning of a word. So the time for a text grows with its length, and no faster.
/** A word with an at-sign, which may be encoded for a URL, also several times. */
const E_MAIL = new RegExp(`(?<!${WORD})${WORD}+?(?:@|%(?:25)*40)${WORD}*`, 'g')
/** A word that is as long as codes and tokens are. */
const SECRET = /(?<![\w.~+-])[\w.~+-]{40,}/g
/** The last word of a text that was cut: it may be a part of something secret. */
const LAST_WORD = new RegExp(`(?<!${WORD})${WORD}*$`)
/** What JSON lets stand, though a terminal may take it as a command (C1) or show the line in another order (bidi). */
const CONTROL = /[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+/g

/** Blanks out e-mail addresses, codes and tokens, and all that a terminal would not just print. */
function scrub(text: string, most = MAX_CHARACTERS): string {
  const start = text.length > most ? text.slice(0, most).replace(LAST_WORD, '[cut]') : text
  return start.replace(E_MAIL, '[e-mail]').replace(SECRET, '[secret]').replace(CONTROL, '[control]')
}
