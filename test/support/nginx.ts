/** Starts an nginx with the project's own configuration in front of instances of the app. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, ROOT, run } from './process.js'

const isInstalled = (command: string, flag: string) => spawnSync(command, [flag]).status === 0

/** The command of an installed nginx, if there is also openssl, which makes the certificate. */
export function findNginx(): string | undefined {
  if (!isInstalled('openssl', 'version')) return undefined
  return ['nginx', '/usr/sbin/nginx'].find((command) => isInstalled(command, '-v'))
}

export interface Nginx {
  /** With https, on localhost. */
  url: string
  /** Where it answers to http. */
  plainUrl: string
  /** The certificate, which nobody but the test trusts. */
  certificate: string
  /** A line for each request. */
  accessLog(): string[]
  /** @param ports where the instances of the app listen */
  start(ports: [number, number]): Promise<void>
  stop(): Promise<void>
}

/** Chooses the ports and makes the certificate: the app needs the URL before nginx can start. */
export async function createNginx(): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), 'lair-nginx-'))
  const file = (name: string) => join(folder, name)
  const [port, plainPort] = [await freePort(), await freePort()]
  makeCertificate(file('lair.crt'), file('lair.key'))
  let nginx: ReturnType<typeof run> | undefined

  return {
    url: `https://localhost:${port}`,
    plainUrl: `http://localhost:${plainPort}`,
    certificate: readFileSync(file('lair.crt'), 'utf8'),
    accessLog: () => readFileSync(file('access.log'), 'utf8').trim().split('\n'),
    async start([first, second]) {
      const site = changed(readFileSync(join(ROOT, 'deploy/nginx.conf'), 'utf8'), {
        'listen 80;': `listen 127.0.0.1:${plainPort};`,
        'listen 443 ssl http2;': `listen 127.0.0.1:${port} ssl http2;`,
        '/etc/nginx/certs/lair.crt': file('lair.crt'),
        '/etc/nginx/certs/lair.key': file('lair.key'),
        '/var/log/nginx/access.log': file('access.log'),
        'server app-1:3000 ': `server 127.0.0.1:${first} `,
        'server app-2:3000 ': `server 127.0.0.1:${second} `,
      })
      writeFileSync(file('lair.conf'), site)
      writeFileSync(file('nginx.conf'), mainConfiguration(folder))
      nginx = run(String(findNginx()), ['-p', folder, '-e', file('error.log'), '-c', file('nginx.conf')])
      await nginx.prints(/getrlimit/) // its line after it has begun to listen
    },
    async stop() {
      nginx?.child.kill('SIGTERM')
      await nginx?.ended
      rmSync(folder, { recursive: true })
    },
  }
}

/** Each text must be there once, so that the test runs what operators get. */
function changed(text: string, changes: Record<string, string>): string {
  return Object.entries(changes).reduce((before, [old, next]) => {
    const parts = before.split(old)
    if (parts.length !== 2) throw new Error(`deploy/nginx.conf has ${old} ${parts.length - 1} times`)
    return parts.join(next)
  }, text)
}

/** What a distribution has around the file of a site. */
function mainConfiguration(folder: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  )
  return [
    `daemon off; master_process off; pid ${folder}/nginx.pid; error_log stderr notice;`,
    'events { worker_connections 512; }',
    `http { ${temporary.join(' ')} include ${folder}/lair.conf; }`,
  ].join('\n')
}

function makeCertificate(certificate: string, key: string): void {
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
  const files = ['-out', certificate, '-keyout', key]
  execFileSync('openssl', ['req', '-x509', ...kind, ...names, ...files], { stdio: 'pipe' })
}
