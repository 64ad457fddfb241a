/** Creates, hashes, compares and encrypts passwords and tokens. */

import { createCipheriv, createDecipheriv, createHmac, pbkdf2, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { Unavailable } from "../input/problem.ts";
import { createQueue } from "../input/queue.ts";

export interface Keys {
  readonly secretKey: string;
  /** Keys that were replaced. What they signed and sealed is still accepted. */
  readonly formerKeys: readonly string[];
}

/** A hash takes 160 ms of a core and 64 MiB; the last of 60 in the queue waits about 5 s on two cores. */
const slots = createQueue(2, () => new Unavailable("Too many passwords are being checked. Try again."), 60);
const hashing = <Result>(work: () => Promise<Result>) => slots.run(Number.POSITIVE_INFINITY, work);

/** Hashes a password with argon2id, in about 160 ms. @throws Unavailable if too many passwords are waiting */
export const hashPassword = (password: string): Promise<string> =>
  hashing(() => Bun.password.hash(password, "argon2id"));

/** To check passwords of unknown names against, so that the response time doesn't reveal which names exist. */
let decoy: Promise<string> | undefined;

/** Checks a password against a hash. Takes as long without one, and returns false. @throws Unavailable as `hashPassword` */
export async function verifyPassword(password: string, hash: string | null): Promise<boolean> {
  if (hash !== null && isOldHash(hash)) return hashing(() => verifyOldHash(password, hash));
  decoy ??= Bun.password.hash(newSecret(), "argon2id");
  const fallback = await decoy;
  // Bun throws for hashes of an unknown format.
  const known = hash?.startsWith("$argon2") ? hash : undefined;
  const matches = await hashing(() => Bun.password.verify(password, known ?? fallback));
  return matches && known !== undefined;
}

/** Whether this is a hash migrated from Django, to be replaced at the next sign-in. */
export const isOldHash = (hash: string): boolean => hash.startsWith("pbkdf2_sha256$");

/** `pbkdf2_sha256$iterations$salt$hash`; the salt is plain text, the hash base64. */
async function verifyOldHash(password: string, stored: string): Promise<boolean> {
  const [, iterations = "", salt = "", hash = ""] = stored.split("$");
  const expected = Buffer.from(hash, "base64");
  if (!/^[1-9]\d{0,7}$/.test(iterations) || expected.length !== 32) return false;
  return timingSafeEqual(await promisify(pbkdf2)(password, salt, Number(iterations), 32, "sha256"), expected);
}

/** Hashes an API token for storage. Tokens are long and random, so a plain SHA-256 can't be reversed. */
export const hashToken = (token: string): string => new Bun.CryptoHasher("sha256").update(token).digest("hex");

/** Creates a token or key: 160 random bits as 40 hexadecimal digits. */
export const newSecret = (bytes: Buffer = randomBytes(20)): string => bytes.toString("hex", 0, 20);

/** Creates a password that is easy to type: 80 random bits. */
export const newPassword = (bytes: Buffer = randomBytes(10)): string =>
  (bytes.toString("hex", 0, 10).match(/.{5}/g) ?? []).join("-");

/** Derives a new secret from a form's random text, which isn't stored: a form sent twice shows the same secret. */
export const secretBytesOf = (once: string, ...texts: readonly string[]): Buffer =>
  Buffer.from(fingerprint(once, "new secret", ...texts), "base64");

/** HMAC-SHA256 of the given strings, in base64. */
export const fingerprint = (key: string, ...texts: readonly string[]): string =>
  createHmac("sha256", key).update(JSON.stringify(texts)).digest("base64");

/** Compares two secrets in constant time. */
export const isSameSecret = (one: string, other: string): boolean =>
  timingSafeEqual(Buffer.from(hashToken(one)), Buffer.from(hashToken(other)));

const sealingKey = (key: string) => createHmac("sha256", key).update("seal").digest();

/** Encrypts a secret for storage, with AES-256-GCM. */
export function seal(key: string, secret: string): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", sealingKey(key), nonce);
  const sealed = Buffer.concat([cipher.update(secret, "utf8"), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString("base64");
}

/** Decrypts what `seal` returned, by the key that fits; undefined if none does or the text was modified. */
export const openSealed = (keys: readonly string[], sealed: string): string | undefined =>
  keys.map((key) => openByKey(key, sealed)).find((text) => text !== undefined);

function openByKey(key: string, sealed: string): string | undefined {
  const bytes = Buffer.from(sealed, "base64");
  try {
    const decipher = createDecipheriv("aes-256-gcm", sealingKey(key), bytes.subarray(0, 12));
    decipher.setAuthTag(bytes.subarray(12, 28));
    return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString("utf8");
  } catch {
    return undefined;
  }
}
