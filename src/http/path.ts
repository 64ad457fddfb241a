/** Extracts the path of a URL without parsing it, since this runs for each request. */

/** The index at which the path of an absolute URL starts. */
export const startOfPath = (url: string): number => url.indexOf("/", url.indexOf("//") + 2);

/** The path of an absolute URL. */
export const pathOf = (url: string): string => {
  const start = startOfPath(url);
  const end = url.indexOf("?", start);
  return start < 0 ? "/" : url.slice(start, end < 0 ? undefined : end);
};
