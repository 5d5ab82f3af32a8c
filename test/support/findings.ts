/** Runs the doctor, and reads what it found. Every text of every run is searched for secrets and people. */
import { expect } from 'vitest'
import { type Finding, runDoctor } from '../../src/cli/checks/run-doctor.js'
import { asLines, asTable } from '../../src/cli/print-findings.js'

const SECRETS = ['OKTA_CLIENT_SECRET', 'OKTA_AUTH_TOKEN', 'SECRET_KEY', 'OKTA_API_PRIVATE_KEY']
const PEOPLE = /thundera|Lion-O|Cheetara|Panthro/i

export async function examine(options: Parameters<typeof runDoctor>[0]): Promise<Finding[]> {
  const findings = await runDoctor(options)
  expectNoSecret([JSON.stringify(findings), asLines(findings), asTable(findings, 80)].join('\n'), options.env)
  return findings
}

export function expectNoSecret(text: string, env: Readonly<Record<string, string | undefined>>): void {
  expect(text).not.toMatch(PEOPLE)
  for (const name of SECRETS) {
    const parts = (env[name] ?? '').split(/[,\s]+/).filter((part) => part.length > 7 && !part.startsWith('{'))
    for (const part of parts) expect(text).not.toContain(part)
  }
}

/** What is wrong, by check. An API token always gets a warning, so that one is left out. */
export function wrong(findings: Finding[]): Record<string, string> {
  const bad = findings.filter(({ status }) => status === 'failed' || status === 'warning')
  const others = bad.filter(({ check, status }) => check !== 'api-credentials' || status !== 'warning')
  return Object.fromEntries(others.map(({ check, status }) => [check, status]))
}

export function findingOf(findings: Finding[], check: Finding['check']): Finding {
  const found = findings.find((finding) => finding.check === check)
  if (!found) throw new Error(`No finding of ${check}`)
  return found
}
