/**
 * Removes DEBUG from the environment. Libraries read it when they are imported, and with it express-openid-connect
 * prints the client secret; so this is the first import of whatever starts the app, and imports nothing.
 */
delete process.env.DEBUG
