/**
 * The stylesheet, its type face and the icon. Their addresses have a digest of their content, so that browsers may keep
 * them for ever. A build compresses them beforehand.
 */
import { hash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import express, { type RequestHandler, Router } from 'express'
import { methodNotAllowed, notFound } from './error-pages.js'
import { fromRoot } from './express.js'

/** The folder of the compressed files, which `npm run build` makes. Their names have the digest of the content. */
const COMPRESSED = fileURLToPath(new URL('../assets', import.meta.url))

const YEAR_SECONDS = 365 * 24 * 60 * 60

/**
 * @param path the path at which the app mounts `router`
 * @param options.development whether the files may change while the app runs
 */
export function createAssets(path: string, { development }: { development: boolean }) {
  const folder = fromRoot('public')
  const versions = new Map(readdirSync(folder).map((name) => [name, digest(join(folder, name))]))
  const compressed = new Set(existsSync(COMPRESSED) ? readdirSync(COMPRESSED) : [])

  function caching(version: unknown, name: string): string {
    if (development) return 'no-cache'
    if (version === undefined) return 'public, max-age=3600'
    // An address with another digest comes from an older or a newer deployment.
    return version === versions.get(name) ? `public, max-age=${YEAR_SECONDS}, immutable` : 'no-cache'
  }

  const send: RequestHandler<{ name: string }> = (req, res, next) => {
    const { name } = req.params
    const file = `${name}.${versions.get(name)}.br`
    res.set('Cache-Control', caching(req.query.v, name))
    if (!compressed.has(file)) return next()
    res.vary('Accept-Encoding')
    if (!req.acceptsEncodings('br')) return next()
    res.type(extname(name)).set('Content-Encoding', 'br')
    res.sendFile(file, { root: COMPRESSED, cacheControl: false })
  }

  const files = express.static(folder, { index: false, redirect: false, cacheControl: false })
  const router = Router()
  router.get('/:name', send)
  router.route('/{*file}').get(files, notFound).all(methodNotAllowed('GET, HEAD'))
  return {
    router,
    /** The address of a file for a page. */
    href: (name: string) => `${path}/${name}?v=${versions.get(name)}`,
  }
}

function digest(file: string): string {
  return hash('sha256', readFileSync(file), 'base64url').slice(0, 10)
}
