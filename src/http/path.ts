/** The path of an address, found without parsing all of it. */

/** Where the path of a whole address begins. */
export const startOfPath = (url: string): number => url.indexOf("/", url.indexOf("//") + 2);

/** The path of a whole address. */
export const pathOf = (url: string): string => {
  const start = startOfPath(url);
  const end = url.indexOf("?", start);
  return start < 0 ? "/" : url.slice(start, end < 0 ? undefined : end);
};
