/** Express with every setting that this app relies on, whatever NODE_ENV and Express's defaults say. */
import { accessSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import express, { type Express } from 'express'
import type { AppConfig } from '../config.js'
import { templates } from './templates.js'

/** @param locals variables for all views */
export function createExpress({ baseUrl, development, trustProxy }: AppConfig, locals: object): Express {
  const views = fromRoot('views')
  const app = express()
  app.set('env', development ? 'development' : 'production')
  app.set('view cache', !development)
  app.set('views', views)
  app.set('view engine', 'ejs')
  app.engine('ejs', templates(views, development))
  app.set('trust proxy', trustProxy)
  app.set('secure cookies', baseUrl.startsWith('https:'))
  app.set('query parser', 'simple')
  app.set('etag', false) // browsers do not store pages; assets have ETags of their own
  app.disable('x-powered-by')
  Object.assign(app.locals, locals)
  return app
}

/**
 * A folder beside `src`. It is also beside `dist`.
 * @throws {Error} with `code: 'ENOENT'`: the folder was not shipped
 */
export function fromRoot(folder: string): string {
  const path = fileURLToPath(new URL(`../../${folder}`, import.meta.url))
  accessSync(path)
  return path
}
