/** The logger: one JSON line an event; of errors only what `describeError` lets through. */
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

/** Of lines that cannot be written just now, this much is kept; more are dropped. */
const MAX_WAITING_BYTES = 2 ** 20

/**
 * Standard output. Where it fails, as on a full disk or when its reader is gone or stuck, only the log suffers: lines
 * wait for the next one, and are tried again with it.
 */
function standardOutput(): DestinationStream {
  const stdout = pino.destination({
    dest: process.stdout.fd, // not 1: looking at `process.stdout` makes a pipe one that does not block
    sync: true, // else pino flushes at exit, and that never ends on a full disk
    maxLength: MAX_WAITING_BYTES,
    retryEAGAIN: () => false,
  })
  stdout.removeAllListeners('error') // pino's own listener gives up: at a closed pipe on logging, else on the process
  stdout.on('error', () => undefined)
  return { write: (line) => stdout.write(line) } // without the `flushSync` that pino would call, and wait in, after `fatal`
}

/**
 * What the log tells of an error: a few fields by name and none of the others, where libraries keep requests,
 * headers and tokens. Texts may have come from a URL or from Okta and are scrubbed.
 */
function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { type: typeof error, message: scrub(String(error)) }
  const { code, status } = error as { code?: unknown; status?: unknown }
  return {
    type: error.name,
    message: scrub(error.message),
    ...(code !== undefined && { code }),
    ...(status !== undefined && { status }),
    ...(error.stack && { stack: scrub(error.stack) }),
    ...(error.cause !== undefined && { cause: describeError(error.cause) }),
  }
}

/** Enough for a message and its stack; scrubbing takes time that grows with the text. */
const MAX_CHARACTERS = 4000

/** Blanks out e-mail addresses, and runs of characters as long as codes and tokens are. */
function scrub(text: string): string {
  return text
    .slice(0, MAX_CHARACTERS)
    .replace(/[\p{L}\p{N}._%+-]{1,64}(@|%40)[\p{L}\p{N}%-]{1,63}\.[\p{L}\p{N}.%-]+/gu, '[e-mail]')
    .replace(/[\w.~+-]{40,}/g, '[secret]')
}
