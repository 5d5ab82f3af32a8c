/** What the app is called and how it looks from outside. Change it here, and it is another app. */

export const SITE = {
  /** On every page, in the banner of `npm run dev`, and the label that `npm run okta:setup` gives the app in Okta. */
  name: 'The Lair',
  /** One line on the landing page, which search engines show, too. */
  tagline: 'Somewhere under the mountain',
  /**
   * Lower-case letters, digits and hyphens: the name of the app's cookies, and the client in Okta's System Log. Browsers
   * send cookies to all ports of localhost, so two apps with one name there would sign people out of each other.
   */
  slug: 'lair',
  /** What a phone paints around the page: `--paper` of `public/lair.css`, by day and by night. */
  themeColor: { light: '#f6f1e7', dark: '#17111d' },
} as const
