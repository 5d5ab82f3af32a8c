/**
 * What `/metrics` tells, see docs/metrics.md. Only this file knows prom-client. It counts what is there already: the
 * lines of the app's log, the answers of its server, the calls of its user directory. No label has a part of a request.
 */
import type { IncomingMessage, Server } from 'node:http'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { readBuildInfo } from './build-info.js'
import type { Log } from './log.js'
import { OktaFailure } from './okta/failure.js'
import { DEPENDENCIES } from './okta/health.js'
import type { AuditMessage } from './sessions/audit.js'
import type { Stores } from './stores.js'
import { type UserDirectory, UserNotFound } from './users/user.js'

/** What a line of the log may have. */
type Line = { reason?: string; dependency?: string; cause?: string; failedForSeconds?: number }

/** What is read each time that somebody asks for the metrics. */
export interface Readings {
  /** Whether the app holds back calls of the Users API. */
  holdsBack: () => boolean
  /** How many sessions were found in the memo, and how many by opening a cookie. */
  opened: Readonly<Record<'memo' | 'cookie', number>>
  redis: Stores['redis']
}

/** From a page that took a millisecond to one that waited for the token endpoint, which has 4.5 s. */
const BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]

/** Reasons for the end of a session. Any other one is a text about the account, with a word of Okta's in it. */
const TIMEOUTS = ['idle timeout', 'absolute timeout']

export function createMetrics() {
  const registry = new Registry()
  const registers = [registry]
  const counter = <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
    new Counter({ name, help, labelNames, registers })
  const gauge = <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
    new Gauge({ name, help, labelNames, registers })
  const readGauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read())
      },
    })

  collectDefaultMetrics({ register: registry })
  const requests = counter('lair_http_requests_total', 'Answers, by route and status', 'route', 'status')
  const durations = new Histogram({
    name: 'lair_http_request_duration_seconds',
    help: 'Time from the head of a request to the end of its answer, by route',
    labelNames: ['route'],
    buckets: BUCKETS_SECONDS,
    registers,
  })
  const signIns = counter('lair_sign_ins_total', 'Sign-ins, by outcome', 'outcome')
  const endedSessions = counter('lair_sessions_ended_total', 'Ended sessions, by reason', 'reason')
  const lookUps = counter('lair_user_lookups_total', 'Calls of the Users API, by outcome', 'outcome')
  const works = gauge('lair_dependency_up', 'Whether what the app depends on works: 1, else 0', 'dependency')
  const build = gauge('lair_build_info', 'Always 1; the labels say what runs', 'version', 'commit', 'node')

  const { version, commit = '' } = readBuildInfo()
  build.set({ version, commit, node: process.version }, 1)
  // A counter that begins with 0 shows its first event as an increase.
  signIns.inc({ outcome: 'ok' }, 0)
  for (const reason of ['signed out', 'verdict', ...TIMEOUTS]) endedSessions.inc({ reason }, 0)
  for (const outcome of ['found', 'user-not-found']) lookUps.inc({ outcome }, 0)
  for (const dependency of DEPENDENCIES) if (dependency !== 'Redis') works.set({ dependency }, 1)

  const audited: Record<AuditMessage, (reason: string) => void> = {
    'signed in': () => signIns.inc({ outcome: 'ok' }),
    'sign-in failed': (code) => signIns.inc({ outcome: code }),
    'signed out': () => endedSessions.inc({ reason: 'signed out' }),
    'signed out everywhere': () => endedSessions.inc({ reason: 'signed out everywhere' }),
    'signed out by Okta': () => endedSessions.inc({ reason: 'signed out by Okta' }),
    'session ended': (why) => endedSessions.inc({ reason: TIMEOUTS.includes(why) ? why : 'verdict' }),
  }

  /** Takes a line of the log: of the audit (`audit.ts`), or about a part of Okta (`health.ts`). */
  function hear(line: Line, message?: string): void {
    const { reason = '', dependency = '', cause, failedForSeconds } = line
    audited[message as AuditMessage]?.(reason)
    if (dependency !== '' && cause !== undefined) works.set({ dependency }, 0)
    if (failedForSeconds !== undefined) works.set({ dependency }, 1)
  }

  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),

    /** A log that passes each line on to `log`. The metrics count the lines, also those below the level of `log`. */
    hearing(log: Log): Log {
      const heard: Log = Object.create(log)
      for (const level of ['info', 'warn', 'error'] as const) {
        heard[level] = (...line: [Line, string?]) => {
          hear(...line)
          log[level](...line)
        }
      }
      return heard
    },

    /** Counts and times each answer of a server. */
    watch(server: Server): void {
      server.on('request', (req, res) => {
        const begun = performance.now()
        res.once('close', () => {
          const route = routeOf(req)
          requests.inc({ route, status: res.writableFinished ? res.statusCode : 'aborted' })
          durations.observe({ route }, (performance.now() - begun) / 1000)
        })
      })
    },

    /** A `UserDirectory` that asks another one, and counts the outcomes. */
    counting(directory: UserDirectory): UserDirectory {
      return {
        async find(id) {
          try {
            const user = await directory.find(id)
            lookUps.inc({ outcome: user.groups instanceof OktaFailure ? user.groups.kind : 'found' })
            return user
          } catch (error) {
            lookUps.inc({ outcome: outcomeOf(error) })
            throw error
          }
        },
      }
    },

    read({ holdsBack, opened, redis }: Readings): void {
      const ofHold = 'Whether the app holds back calls of the Users API: 1, else 0'
      readGauge('lair_users_api_held_back', ofHold, () => Number(holdsBack()))
      new Counter({
        name: 'lair_sessions_opened_total',
        help: 'Sessions of requests, by where they were found',
        labelNames: ['from'],
        registers,
        collect() {
          this.reset()
          for (const [from, count] of Object.entries(opened)) this.inc({ from }, count)
        },
      })
      if (!redis) return
      works.set({ dependency: 'Redis' }, 1)
      readGauge('lair_redis_outbox_marks', 'Marks of ended sessions that wait for Redis', redis.unshared)
      readGauge('lair_redis_lag_seconds', 'Time since the marks in Redis were read last', redis.silentSeconds)
    },
  }
}

/** The pattern of the page; `none` for an address without a page. */
function routeOf(req: IncomingMessage): string {
  const pattern = (req as { route?: { path: string } }).route?.path ?? 'none'
  // Only in the router of the assets do patterns begin with a parameter.
  return /^\/[:{]/.test(pattern) ? '/assets' : pattern
}

function outcomeOf(error: unknown): string {
  if (error instanceof UserNotFound) return 'user-not-found'
  return error instanceof OktaFailure ? error.kind : 'error'
}
