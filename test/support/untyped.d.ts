/** Packages without types: only what test/local-okta/clients.test.ts uses of them. */
declare module 'express-session' {
  export default function session(options: {
    secret: string
    resave: boolean
    saveUninitialized: boolean
  }): import('express').RequestHandler
}

declare module 'passport' {
  export class Passport {
    use(strategy: object): this
    serializeUser(write: (user: unknown, done: (error: null, stored: unknown) => void) => void): void
    deserializeUser(read: (stored: unknown, done: (error: null, user: unknown) => void) => void): void
    initialize(): import('express').RequestHandler
    session(): import('express').RequestHandler
    authenticate(name: string, options?: object): import('express').RequestHandler
  }
  const passport: { Passport: typeof Passport }
  export default passport
}

declare module 'passport-openidconnect' {
  type Done = (error: null, user: object) => void
  export default class Strategy {
    constructor(
      options: object,
      verify: (
        issuer: string,
        profile: object,
        context: object,
        idToken: string,
        accessToken: string,
        refreshToken: string,
        done: Done,
      ) => void,
    )
  }
}
