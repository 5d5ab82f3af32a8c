/**
 * The stylesheet and the pictures. Their addresses carry a digest of what is in them, so that browsers may keep them for
 * ever; a build has compressed them beforehand.
 */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import express, { type RequestHandler, type Response, Router } from 'express'
import { methodNotAllowed, notFound } from './error-pages.js'

/** What `npm run build` leaves beside the compiled app, named by what it is made of. */
const COMPRESSED = fileURLToPath(new URL('../assets', import.meta.url))

const YEAR_SECONDS = 365 * 24 * 60 * 60

export interface Assets {
  routes(): Router
  /** The address of a file for a page. */
  href(name: string): string
}

/**
 * @param options.folder of the files
 * @param options.path under which `routes` are mounted
 * @param options.development whether the files may change while the app runs
 */
export function createAssets(options: { folder: string; path: string; development: boolean }): Assets {
  const { folder, path, development } = options
  const versions = new Map(readdirSync(folder).map((name) => [name, digest(join(folder, name))]))
  const compressed = new Set(existsSync(COMPRESSED) ? readdirSync(COMPRESSED) : [])

  function caching(version: unknown, name: string): string {
    if (development) return 'no-cache'
    if (version === undefined) return 'public, max-age=3600'
    // One that is not ours is of an older deployment, or of a newer one.
    return version === versions.get(name) ? `public, max-age=${YEAR_SECONDS}, immutable` : 'no-cache'
  }

  const sendCompressed: RequestHandler<{ name: string }> = (req, res, next) => {
    const { name } = req.params
    res.locals.caching = caching(req.query.v, name)
    const file = `${name}.${versions.get(name)}.br`
    if (!compressed.has(file)) return next()
    res.vary('Accept-Encoding')
    if (!req.acceptsEncodings('br')) return next()
    res.type(extname(name)).set({ 'Content-Encoding': 'br', 'Cache-Control': res.locals.caching })
    res.sendFile(file, { root: COMPRESSED, cacheControl: false })
  }

  return {
    href: (name) => (development ? `${path}/${name}` : `${path}/${name}?v=${versions.get(name)}`),
    routes() {
      const files = express.static(folder, {
        index: false,
        redirect: false,
        cacheControl: false,
        setHeaders: (res: Response) => res.setHeader('Cache-Control', res.locals.caching ?? 'no-cache'),
      })
      const router = Router()
      router.get('/:name', sendCompressed)
      router.route('/{*file}').get(files, notFound).all(methodNotAllowed('GET, HEAD'))
      return router
    },
  }
}

function digest(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('base64url').slice(0, 10)
}
