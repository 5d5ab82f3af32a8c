/** What a check of the doctor is, and what it says. Imports nothing of ours but types. */
import type { Patient } from './patient.js'

/** In the order in which the doctor tells them. docs/doctor.md says what each of them proves. */
export const CHECK_NAMES = [
  'settings',
  'node',
  'org-url',
  'discovery',
  'signing-keys',
  'clock',
  'client',
  'redirect-uri',
  'sign-out-uri',
  'access-policy',
  'api-credentials',
  'api-rights',
  'rate-limit',
  'groups',
  'base-url',
  'proxy',
  'redis',
  'universal-logout',
] as const

export type CheckName = (typeof CHECK_NAMES)[number]

export interface Verdict {
  /** `unknown`: it cannot be seen from here. That is no failure. */
  status: 'ok' | 'warning' | 'failed' | 'unknown'
  /** One sentence without its full stop. Like all texts of the doctor, it has no secret, no person and no text of Okta's. */
  message: string
  /** More about it, in one or several lines. */
  detail?: string
  /** What the operator can do. */
  remedy?: string
}

/** Waits for another check. @throws {After} that check has failed, or was skipped itself */
export type WaitFor = (name: CheckName) => Promise<void>

/** @throws {OktaFailure | OktaRefusal} Okta fails: the check has then failed, with the error's message and remedy */
export type Check = (patient: Patient, after: WaitFor) => Verdict | Promise<Verdict>

/** A check cannot look: another one, `root`, has failed. */
export class After extends Error {
  override name = 'After'
  readonly root: CheckName

  constructor(root: CheckName) {
    super(`after: ${root}`)
    this.root = root
  }
}

type More = { remedy?: string | undefined; detail?: string | undefined }

const verdict =
  (status: Verdict['status']) =>
  (message: string, { detail, remedy }: More = {}): Verdict => {
    return { status, message, ...(detail && { detail }), ...(remedy && { remedy }) }
  }

export const ok = verdict('ok')
export const warning = verdict('warning')
export const failed = verdict('failed')
export const unknown = verdict('unknown')
