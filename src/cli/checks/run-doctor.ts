/** Runs all checks of the doctor side by side. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Environment } from '../../config.js'
import { OktaFailure } from '../../okta/failure.js'
import { OktaRefusal } from '../okta-api.js'
import { accessPolicy } from './access-policy.js'
import { client, redirectUri, signOutUri, universalLogout } from './app-integration.js'
import { After, CHECK_NAMES, type Check, type CheckName, failed, unknown, type Verdict } from './check.js'
import { groups } from './groups.js'
import { apiCredentials, apiRights, rateLimit } from './management-api.js'
import { clock, discovery, orgUrl, signingKeys } from './org.js'
import { createPatient } from './patient.js'
import { redis } from './redis.js'
import { baseUrl, node, proxy, settings } from './settings.js'

/** What the doctor says of one check. */
export interface Finding extends Verdict {
  check: CheckName
}

const CHECKS: Record<CheckName, Check> = {
  settings,
  node,
  'org-url': orgUrl,
  discovery,
  'signing-keys': signingKeys,
  clock,
  client,
  'redirect-uri': redirectUri,
  'sign-out-uri': signOutUri,
  'access-policy': accessPolicy,
  'api-credentials': apiCredentials,
  'api-rights': apiRights,
  'rate-limit': rateLimit,
  groups,
  'base-url': baseUrl,
  proxy,
  redis,
  'universal-logout': universalLogout,
}

/** When the doctor stops waiting. Every call has a shorter limit, so this is for what nobody has thought of. */
const LIMIT_MS = 13_000

/** For failures that no setting causes. */
const NETWORK = 'Try again. Otherwise look at https://status.okta.com, and at DNS and firewall here'

interface DoctorOptions {
  env: Environment
  /** Milliseconds since the epoch. */
  now?: () => number
  nodeVersion?: string
}

/** @returns a finding for every check, in the order of `CHECK_NAMES`. Never rejects, and resolves within 13 s */
export async function runDoctor(options: DoctorOptions): Promise<Finding[]> {
  const patient = createPatient({ now: () => Date.now(), nodeVersion: process.versions.node, ...options })
  const stop = new AbortController()
  const timeOver = pause(LIMIT_MS, failed('It did not end in time', { remedy: NETWORK }), stop)
  const verdicts = new Map<CheckName, Promise<{ verdict: Verdict; root?: CheckName }>>()

  /** Starts a check, or waits for one that is under way. */
  function look(name: CheckName) {
    const verdict = verdicts.get(name) ?? Promise.resolve().then(() => examine(name))
    verdicts.set(name, verdict)
    return verdict
  }

  async function examine(name: CheckName): Promise<{ verdict: Verdict; root?: CheckName }> {
    const after = async (other: CheckName) => {
      const { verdict, root } = await look(other)
      if (root) throw new After(root)
      if (verdict.status === 'failed') throw new After(other)
    }
    try {
      return { verdict: await Promise.race([CHECKS[name](patient, after), timeOver]) }
    } catch (error) {
      if (error instanceof After) return { verdict: unknown(error.message), root: error.root }
      return { verdict: explain(error) }
    }
  }

  try {
    const findings = CHECK_NAMES.map(async (check) => ({ check, ...(await look(check)).verdict }))
    return await Promise.all(findings)
  } finally {
    stop.abort()
    timeOver.catch(() => undefined)
    patient.close()
  }
}

/** The verdict when a check throws. Only errors of ours are quoted: others might quote a secret. */
function explain(error: unknown): Verdict {
  if (error instanceof OktaFailure || error instanceof OktaRefusal)
    return failed(error.message, { remedy: error.remedy ?? NETWORK })
  const name = error instanceof Error ? error.name : typeof error
  return failed(`The check itself failed (${name})`, { remedy: 'This is a fault of the doctor: report it' })
}
