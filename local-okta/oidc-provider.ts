/**
 * The library oidc-provider, which all other files get from here. When it is imported on Node 20, it prints that this
 * runtime is unsupported. The local Okta's tests pass on Node 20, so this one notice is left out.
 */
import type * as library from 'oidc-provider'

const NOTICE = 'oidc-provider WARNING: Unsupported runtime.'

async function importWithoutNotice(): Promise<typeof library> {
  const { warn } = console
  console.warn = (...args: unknown[]) => {
    if (!String(args[0]).includes(NOTICE)) warn(...args)
  }
  try {
    return await import('oidc-provider')
  } finally {
    console.warn = warn
  }
}

export const { errors, interactionPolicy, Provider } = await importWithoutNotice()
export type Provider = library.Provider
export type {
  Adapter,
  AdapterFactory,
  AdapterPayload,
  Configuration,
  JWK,
  JWKS,
  KoaContextWithOIDC,
} from 'oidc-provider'
