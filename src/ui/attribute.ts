/** Escapes text from outside in HTML attributes. */

/**
 * Escapes an attribute's value. Kita escapes only quotation marks there, so a stored `&lt;` would come back from a form as
 * `<`. Use it for every attribute value that isn't a constant.
 */
export const plain = (text: string): string => text.replaceAll("&", "&amp;");
