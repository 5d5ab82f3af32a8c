/** The part of the SDK that has no types of its own at this path. */
declare module '@okta/okta-sdk-nodejs/src/config-loader.js' {
  const loader: { ConfigLoader: { prototype: { applyDefaults(): void } } }
  export default loader
}
