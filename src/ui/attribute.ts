/** Attributes: texts from outside as values of attributes. */

/**
 * The text for an attribute's value. Kita escapes the quotation mark there and nothing else, so that a stored `&lt;`
 * would come back from a form as `<`. Every attribute whose text isn't the program's own goes through this.
 */
export const plain = (text: string): string => text.replaceAll("&", "&amp;");
