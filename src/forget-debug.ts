/**
 * Removes DEBUG from the environment. Libraries read it when they are imported, and express-openid-connect then prints
 * the client secret. So a program that starts the app imports this file first, and this file imports nothing.
 */
delete process.env.DEBUG
