/** Passwords, tokens and the hashes under which they are stored. */

import { createCipheriv, createDecipheriv, createHmac, pbkdf2, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { createQueue } from "./queue.ts";

/** Each hash takes a core for 160 ms and 64 MiB; who waits behind 60 others waits for some 5 s on two cores. */
const hashing = createQueue(2, 60);

/**
 * The hash of a password to store: argon2id with a salt of its own. Takes some 160 ms on purpose.
 * @throws Unavailable when too many passwords wait to be hashed
 */
export const hashPassword = (password: string): Promise<string> =>
  hashing(() => Bun.password.hash(password, "argon2id"));

/** What an unknown name is measured against, so that the time of the answer doesn't tell which names exist. */
let decoy: Promise<string> | undefined;

/**
 * Whether the password is the one that was hashed. Without a hash it takes as long to say no.
 * @throws Unavailable when too many passwords wait to be checked
 */
export async function verifyPassword(password: string, hash: string | null): Promise<boolean> {
  if (hash !== null && isOldHash(hash)) return hashing(() => verifyOldHash(password, hash));
  decoy ??= Bun.password.hash(newSecret(), "argon2id");
  const measure = await decoy;
  // Whatever else may stand there proves nothing, and Bun refuses to compare with it.
  const known = hash?.startsWith("$argon2") ? hash : undefined;
  const matches = await hashing(() => Bun.password.verify(password, known ?? measure));
  return matches && known !== undefined;
}

/** Whether the hash is one that users brought from Django, to be replaced once their password is seen. */
export const isOldHash = (hash: string): boolean => hash.startsWith("pbkdf2_sha256$");

/** Django's `pbkdf2_sha256$iterations$salt$hash`; the salt is text, the hash base64. */
async function verifyOldHash(password: string, stored: string): Promise<boolean> {
  const [, iterations = "", salt = "", hash = ""] = stored.split("$");
  const expected = Buffer.from(hash, "base64");
  if (!/^[1-9]\d{0,7}$/.test(iterations) || expected.length !== 32) return false;
  return timingSafeEqual(await promisify(pbkdf2)(password, salt, Number(iterations), 32, "sha256"), expected);
}

/** The hash of an API token to store. Tokens are long and random, so a plain digest can't be turned back. */
export const hashToken = (token: string): string => new Bun.CryptoHasher("sha256").update(token).digest("hex");

/** A new token, key or the like: 160 random bits as 40 hexadecimal digits. */
export const newSecret = (): string => randomBytes(20).toString("hex");

/** A new password that can be read out and typed: 80 random bits. */
export const newPassword = (): string => (randomBytes(10).toString("hex").match(/.{5}/g) as string[]).join("-");

/** What stands for some texts where the texts themselves must not be kept. */
export const fingerprint = (key: string, ...texts: readonly string[]): string =>
  createHmac("sha256", key).update(JSON.stringify(texts)).digest("base64");

/** Whether two secrets are the same. How long it takes doesn't tell how much of them is. */
export const isSameSecret = (one: string, other: string): boolean =>
  timingSafeEqual(
    new Bun.CryptoHasher("sha256").update(one).digest(),
    new Bun.CryptoHasher("sha256").update(other).digest(),
  );

const sealingKey = (key: string) => createHmac("sha256", key).update("seal").digest();

/** A secret that must be read again later, as it may be stored: encrypted with AES-256-GCM. */
export function seal(key: string, secret: string): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", sealingKey(key), nonce);
  const sealed = Buffer.concat([cipher.update(secret, "utf8"), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString("base64");
}

/** What was sealed; undefined when it was sealed with another key, or changed since. */
export function openSealed(key: string, sealed: string): string | undefined {
  const bytes = Buffer.from(sealed, "base64");
  try {
    const decipher = createDecipheriv("aes-256-gcm", sealingKey(key), bytes.subarray(0, 12));
    decipher.setAuthTag(bytes.subarray(12, 28));
    return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString("utf8");
  } catch {
    return undefined;
  }
}
