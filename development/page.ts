/** The page /development: the settings with where each comes from, what to register at Okta, and the last sign-ins. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { RequestHandler } from 'express'
import { type Config, readEnvironment, settingsIn, withBaseUrl } from '../src/config.js'
import { isLoopback } from '../src/setting-values.js'
import { SETTINGS } from '../src/settings.js'
import { sendPage } from '../src/web/templates.js'
import type { Journal } from './journal.js'

export const PATH = '/development'

const VIEW = fileURLToPath(new URL('development.ejs', import.meta.url))

/** A handler for every request: it answers /development, and follows all others. */
export function developmentPage(config: Config, journal: Journal): RequestHandler {
  return function developmentPage(req, res, next) {
    res.locals.developmentPage = PATH
    const isAsked = req.path === PATH && req.method === 'GET' && isFromHere(req.headers.host)
    if (!isAsked) return journal.follow(req, res, next)
    const { baseUrl } = withBaseUrl(config, req.socket.localPort)
    const toRegister = [
      ['Sign-in redirect URI', `${baseUrl}/callback`],
      ['Sign-out redirect URI', `${baseUrl}/`],
      ['Initiate login URI', `${baseUrl}/login`],
    ]
    sendPage(res, VIEW, {
      person: null,
      settings: settingsOf(config),
      toRegister,
      entries: journal.entries(),
    })
  }
}

/** A page of another site may have given its own name the address of this machine (DNS rebinding). */
function isFromHere(host = ''): boolean {
  return URL.canParse(`http://${host}`) && isLoopback(new URL(`http://${host}`).hostname)
}

/** Name, value and source of every setting. */
function settingsOf(config: Config): { name: string; value: string; source: string }[] {
  const environment = readEnvironment()
  const file = settingsIn(textOf('.env'))
  const byDev = new Set((environment.SET_BY_DEV ?? '').split(','))
  return Object.entries(SETTINGS).map(([key, { name, secret }]) => {
    const value = config[key as keyof Config]
    const given = environment[name]?.trim()
    const source = byDev.has(name)
      ? 'npm run dev'
      : given === undefined || given === ''
        ? 'default'
        : given === file[name]
          ? '.env'
          : 'environment'
    return { name, value: shown(value, secret), source }
  })
}

function shown(value: unknown, secret: boolean): string {
  if (value === undefined) return 'not set'
  return secret ? 'set, not shown' : String(value)
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
