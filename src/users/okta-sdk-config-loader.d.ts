/** The Okta SDK has no types for this file. */
declare module '@okta/okta-sdk-nodejs/src/config-loader.js' {
  const loader: { ConfigLoader: { prototype: { applyDefaults(): void } } }
  export default loader
}
