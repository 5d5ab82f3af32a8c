import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CHECK_NAMES } from '../src/cli/checks/check.js'
import { SETTINGS } from '../src/settings.js'
import { ROOT } from './support/process.js'

const BY_HAND = 'docs/okta-by-hand.md'
const FROM_FLASK = 'docs/from-flask.md'
const GUIDE = 'docs/make-it-yours.md'

const CHECKS: readonly string[] = CHECK_NAMES

/** What is not ours: names of the tutorial, of Python and of Okta, and examples of what to type into Okta's forms. */
const THEIRS = [
  ...['flask-oidc', 'itsdangerous', 'oauth2client', 'okta', 'flask-auth-okta', 'pip install', 'ImportError'],
  ...['user_getfield', 'logout()', 'UsersClient', 'Client', 'FLASK_ENV', 'require_login', 'g.user'],
  ...['app.py', 'userinfo_uri', '/v1', 'Host', 'Secure', '__Host-', '>', '=1.0.2', '=1.4.0', 'node_modules'],
  ...[
    'integrator-1234567.okta.com',
    '-admin',
    'The Lair',
    'The Lair API',
    'Sign in',
    'Lets people sign in to The Lair',
  ],
]

const read = (file: string) => readFileSync(join(ROOT, file), 'utf8')
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
const source = sourceIn('src')
const cliSource = sourceIn('src/cli')
const fields = [...read('src/locals.d.ts').matchAll(/^ +(\w+): /gm)].map(([, field]) => String(field))
const routes = [...read('src/app.ts').matchAll(/(?:page|route|use)\('(\/[^']*)'/g)].map(([, path]) => path)

/** The source without comments: a comment may name what is gone. */
function sourceIn(folder: string): string {
  const files = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
  return files
    .filter((file) => file.endsWith('.ts'))
    .map((file) => read(join(folder, file)).replace(/^\s*\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, ''))
    .join('\n')
}

/** Whether the source has a text that is not part of a longer name. */
function hasText(text: string): boolean {
  const escaped = text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`(?<![\\w-])${escaped}(?![\\w-])`).test(source)
}

/** Whether a text in backticks is a name that exists. */
function exists(text: string): boolean {
  if (THEIRS.includes(text) || CHECKS.includes(text)) return true
  if (text.startsWith('npm ')) return isCommand(text)
  if (/^[A-Z][A-Z\d]*(_[A-Z\d]+)+(=.*)?$/.test(text)) return isSetting(text.replace(/=.*/, ''))
  if (text.startsWith('res.locals.')) return isInLocals(text.split('.').slice(2))
  const path = /^(?:BASE_URL|(?:http:\/\/)?localhost:3000|(?=\/))(\/[^?]*)?(?:\?.*)?$/.exec(text)
  if (path) return routes.includes(path[1] ?? '/')
  if (/^\.?[\w/-]+(\.\w+)+$/.test(text) && isFile(text)) return true
  return hasText(text)
}

/** `.env` is a file that git ignores. */
function isFile(path: string): boolean {
  return existsSync(join(ROOT, path)) || read('.gitignore').split('\n').includes(path)
}

function isCommand(text: string): boolean {
  const [command = '', options = ''] = text.split(' -- ')
  const name = command.replace(/^npm (run )?/, '')
  const isScript = name in scripts || name === 'install'
  const flags = options.split(' ').filter((word) => word.startsWith('--'))
  return isScript && flags.every((flag) => new RegExp(`${flag}(?![\\w-])`).test(cliSource))
}

/** A setting of the app, one that `npm run okta:setup` writes, or a name that the app sets or removes. */
function isSetting(name: string): boolean {
  const ofTheApp = Object.values(SETTINGS).some((setting) => setting.name === name)
  return ofTheApp || new RegExp(`\\b${name}\\b`).test(cliSource) || name === 'NODE_ENV'
}

function isInLocals([field = '', ...rest]: string[]): boolean {
  return fields.includes(field) && rest.every((name) => new RegExp(`^ +${name}: `, 'm').test(source))
}

/** The lines of a page, without the cells that tell about the tutorial. */
function linesOf(file: string): string[] {
  let isAboutTutorial = false
  return read(file)
    .split('\n')
    .map((line) => {
      if (!line.startsWith('|')) isAboutTutorial = false
      if (line.startsWith('| tutorial |')) isAboutTutorial = true
      return isAboutTutorial ? line.replace(/^\| .*? \|/, '|') : line
    })
}

const quoted = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map(([, name]) => String(name))

/** The anchor that GitHub gives to each heading. */
function anchorsIn(file: string): string[] {
  return [...read(file).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  )
}

describe.each([BY_HAND, FROM_FLASK])('%s', (file) => {
  it('names commands, settings, files, addresses and identifiers that exist', () => {
    const names = linesOf(file).flatMap(quoted)
    expect(names.length).toBeGreaterThan(50)
    expect(names.filter((name) => !exists(name))).toEqual([])
  })
})

describe.each([BY_HAND, FROM_FLASK, GUIDE])('%s', (file) => {
  it('links to files and headings that exist', () => {
    const links = [...read(file).matchAll(/\]\(([^)]+)\)/g)].map(([, link]) => String(link))
    const own = links.filter((link) => !link.startsWith('https://'))
    expect(own).not.toEqual([])
    const broken = own.filter((link) => {
      const [path = '', anchor] = link.split('#')
      const target = path === '' ? file : join(dirname(file), path)
      return !existsSync(join(ROOT, target)) || (anchor !== undefined && !anchorsIn(target).includes(anchor))
    })
    expect(broken).toEqual([])
  })

  it('is one that README links to', () => {
    expect(read('README.md').includes(`](${file})`)).toBe(true)
  })
})

describe(BY_HAND, () => {
  const lines = read(BY_HAND).split('\n')
  const table = lines.slice(lines.indexOf('| check | what it is about |') + 2)
  const ofTheDoctor = [
    ...lines.filter((line) => line.startsWith('**Doctor:**')),
    ...table.map((row) => row.split(' | ')[0] ?? ''),
  ]
  const isOther = (name: string) => /^[A-Z/]/.test(name) || THEIRS.includes(name) || isFile(name)

  it('names each check of the doctor, and no other', () => {
    const named = ofTheDoctor.flatMap(quoted).filter((name) => !isOther(name))
    expect(named.filter((name) => !CHECKS.includes(name))).toEqual([])
    expect(CHECKS.filter((check) => !named.includes(check))).toEqual([])
    const elsewhere = lines.flatMap(quoted).filter((name) => /^[a-z]+(-[a-z]+)+$/.test(name))
    expect(elsewhere.filter((name) => !CHECKS.includes(name))).toEqual([])
  })

  it('says where each setting of Okta comes from', () => {
    const names = Object.values(SETTINGS).map(({ name }) => name)
    const ofOkta = names.filter((name) => name.startsWith('OKTA_'))
    expect(ofOkta.length).toBeGreaterThanOrEqual(5)
    const text = lines.flatMap(quoted)
    expect(ofOkta.filter((name) => !text.includes(name))).toEqual([])
  })
})

describe('the test of these pages', () => {
  it.each([
    ...['npm run okta:set-up', 'npm run okta:setup -- --undoo', 'OKTA_ORGURL', 'OKTA_AUTH_TOKN', 'BASE_URI'],
    ...['/layer', 'BASE_URL/calback', 'http://localhost:3000/logn', 'src/ap.ts', '.env.exampel'],
    ...['requireUsr', 'res.locals.persons', 'res.locals.person.subjekt', 'signIn.logn', 'okta.user.read'],
  ])('would find %s', (misspelt) => {
    expect(exists(misspelt)).toBe(false)
  })

  it('knows no name of others that the pages do not use', () => {
    const names = [...linesOf(BY_HAND), ...linesOf(FROM_FLASK)].flatMap(quoted)
    expect(THEIRS.filter((name) => !names.includes(name))).toEqual([])
  })
})
