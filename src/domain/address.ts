/** Addresses on the web. */

/**
 * An address with its host as people write it. A dot at the end of a host's name changes nothing of what it means, and the
 * edge puts some behind a short one, which nobody else should see.
 * @throws TypeError when the text is no address
 */
export function addressFrom(text: string): URL {
  const url = new URL(text);
  if (url.hostname.endsWith(".")) url.hostname = url.hostname.replace(/\.+$/, "");
  return url;
}
