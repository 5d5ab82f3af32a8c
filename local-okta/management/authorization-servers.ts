/** /api/v1/authorizationServers: the org has one, `default`. */
import { Router } from 'express'
import { notFound } from './api-error.js'
import type { Org } from './org.js'
import { policies } from './policies.js'

export function authorizationServers(org: Org): Router {
  const router = Router()
  const created = org.now()

  router.get('/', (_req, res) => void res.json([record()]))
  router.use('/:serverId', (req, _res, next) => {
    if (req.params.serverId !== 'default') throw notFound(req.params.serverId, 'AuthorizationServer')
    next()
  })
  router.get('/default', (_req, res) => void res.json(record()))
  router.use('/default/policies', policies(org))

  function record() {
    const issuer = `${org.url}/oauth2/default`
    const href = `${org.url}/api/v1/authorizationServers/default`
    const link = (path: string, method = 'GET') => ({ href: `${href}/${path}`, hints: { allow: [method] } })
    return {
      id: 'default',
      name: 'default',
      description: 'Default Authorization Server for your Applications',
      audiences: ['api://default'],
      issuer,
      issuerMode: 'DYNAMIC',
      status: 'ACTIVE',
      created,
      lastUpdated: created,
      credentials: { signing: { rotationMode: 'AUTO', kid: null } },
      _links: {
        scopes: link('scopes'),
        claims: link('claims'),
        policies: link('policies'),
        self: { href, hints: { allow: ['GET', 'DELETE', 'PUT'] } },
        metadata: [
          {
            name: 'openid-configuration',
            href: `${issuer}/.well-known/openid-configuration`,
            hints: { allow: ['GET'] },
          },
        ],
        rotateKey: link('credentials/lifecycle/keyRotate', 'POST'),
        deactivate: link('lifecycle/deactivate', 'POST'),
      },
    }
  }
  return router
}
