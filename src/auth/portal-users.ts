/** Users from the Observation Portal: they are let in as long as the portal stands by them, or was heard to not long ago. */

import { Unauthenticated, Unavailable } from "../input/problem.ts";
import { toMillis } from "../time/instant.ts";
import type { Grant, Voucher } from "./portal.ts";
import { PortalUnreachable } from "./portal-client.ts";
import { createDisabledCheck } from "./portal-disabled.ts";
import { createPortalPush, createProfileKeeper, type PortalUserSettings } from "./portal-push.ts";
import { hashPassword, openSealed, seal, verifyPassword } from "./secrets.ts";
import type { User } from "./user.ts";
import type { StoredUser } from "./user-store.ts";

const minuteMillis = 60_000;
/** Half a minute less than five: nobody's rights are older than that, even while the portal takes its time to answer. */
const askAgainMillis = 4.5 * minuteMillis;
/** Rights that the portal confirmed longer ago than this are marked as such. */
const confirmedMillis = 5 * minuteMillis;
const unreachableAskAgainMillis = minuteMillis;
/** How long those whom the portal confirmed stay in while it can't be reached. */
const graceMillis = 24 * 60 * minuteMillis;

type Standing = NonNullable<StoredUser["portal"]>;

export type PortalUsers = ReturnType<typeof createPortalUsers>;

export function createPortalUsers(settings: PortalUserSettings) {
  const { users, portal, secretKey, clock, warn } = settings;
  const keepProfile = createProfileKeeper(settings);
  const isDisabled = createDisabledCheck(portal, clock, askAgainMillis);
  const underWay = new Map<number, Promise<StoredUser | undefined>>();

  const isWithin = (millis: number, at: string | undefined): boolean =>
    at !== undefined && clock() - Date.parse(at) < millis;

  /** Keeps what the portal says of a user. @returns undefined when the name is a local user's, or the portal has disabled it */
  async function keep({ profile, grant }: Voucher, passwordHash?: string): Promise<StoredUser | undefined> {
    if (profile.is_active === false) {
      await users.withdraw(profile.username);
      return undefined;
    }
    const { user } = await keepProfile(profile, {
      grant: seal(secretKey, JSON.stringify(grant)),
      dueAt: clock() + askAgainMillis,
      ...(passwordHash && { passwordHash }),
    });
    if (!user) warn("the portal stands by a name that is a local user's; it isn't let in", { user: profile.username });
    return user;
  }

  /** By the hash kept from a sign-in of the last 24 hours. @throws Unauthenticated */
  async function signInByHash(password: string, known: StoredUser | undefined, error: PortalUnreachable) {
    const isRecent = isWithin(graceMillis, known?.portal?.passwordConfirmed);
    if (!(await verifyPassword(password, (isRecent && known?.passwordHash) || null)) || !known) {
      warn("portal unreachable; nobody new can sign in", { user: known?.name ?? "unknown", error: error.message });
      throw new Unauthenticated(
        "The Observation Portal can't be reached. Until it is back, only those can sign in who did so during the last 24 hours.",
      );
    }
    warn("portal unreachable; signed in by the password kept from before", { user: known.name, error: error.message });
    await claim(known);
    return known;
  }

  /** Whether this process is the one that asks. None does while that can't be stored: those who read don't depend on it. */
  const claim = ({ id }: StoredUser): Promise<boolean> =>
    users.claimQuestion(id, clock(), clock() + unreachableAskAgainMillis).catch((error) => {
      if (error instanceof Unavailable) return false;
      throw error;
    });

  /** Asks after a user without the password. @returns the user as the portal describes them now; undefined when it says no */
  async function askAfter(user: StoredUser): Promise<StoredUser | undefined> {
    const grant = openGrant(user.portal?.grant);
    try {
      const voucher = grant && (await portal?.renew(grant));
      if (voucher?.profile.username === user.name) return await keep(voucher);
    } catch (error) {
      if (!(error instanceof PortalUnreachable)) throw error;
      warn("portal unreachable; the user's rights stay as they were", { user: user.name, error: error.message });
      return user;
    }
    await withdraw(user);
    return undefined;
  }

  async function withdraw({ name }: StoredUser): Promise<void> {
    await users.withdraw(name);
    warn("user withdrawn: the portal no longer stands by it", { user: name });
  }

  /** Of many requests at once one asks, and the others wait for it; another process that asks is not waited for. */
  function askOnce(user: StoredUser): Promise<StoredUser | undefined> {
    const question =
      underWay.get(user.id) ??
      claim(user)
        .then((isOurs) => (isOurs ? askAfter(user) : users.find(user.id)))
        .finally(() => underWay.delete(user.id));
    underWay.set(user.id, question);
    return question;
  }

  async function askIfDue(user: StoredUser, { due, confirmed }: Standing): Promise<StoredUser | undefined> {
    if (underWay.has(user.id) || (due && clock() >= toMillis(due))) return askOnce(user);
    // Somebody may have asked, and heard no, after this user was read: then what is stored now says so.
    return isWithin(askAgainMillis, confirmed) ? user : users.find(user.id);
  }

  function openGrant(sealed: string | undefined): Grant | undefined {
    const text = sealed && openSealed(secretKey, sealed);
    return text ? (JSON.parse(text) as Grant) : undefined;
  }

  return {
    /**
     * Signs in somebody who isn't a local user.
     * @param known the user of that name, from an earlier time
     * @returns undefined when the portal says no, or there is none
     * @throws Unauthenticated when it can't be asked and the user isn't known well enough
     */
    async signIn(name: string, password: string, known: StoredUser | undefined): Promise<StoredUser | undefined> {
      // Users who were moved in may come from a portal; where none is set, nobody else than their hash can be asked.
      if (!portal) return (await verifyPassword(password, known?.passwordHash ?? null)) ? known : undefined;
      let voucher: Voucher | undefined;
      try {
        voucher = await portal.signIn(name, password);
      } catch (error) {
        if (!(error instanceof PortalUnreachable)) throw error;
        return signInByHash(password, known, error);
      }
      // Also without a hash, so that the time of the answer doesn't tell who has signed in here before.
      const isKept = await verifyPassword(password, known?.passwordHash ?? null);
      if (voucher) return keep(voucher, (isKept && known?.passwordHash) || (await hashPassword(password)));
      // What was right before is wrong now: it must not be good again as soon as the portal is down.
      if (isKept && known) await users.forgetPassword(known.id, clock());
      return undefined;
    },

    /**
     * The user, if nothing speaks against letting them in: asks the portal again after five minutes, and lets those in
     * for a day whom it can't be asked about.
     * @param token the API token that proved the user, where one did
     */
    async confirm(user: StoredUser, token?: string): Promise<User | undefined> {
      const { id, name, staff, active, portal: standing } = user;
      if (!active) return undefined;
      if (standing && !standing.confirmed) return undefined;
      if (!standing?.due) {
        // Of one who never signed in here, what the portal sent counts until it sends more, or refuses the user's token.
        const isOut = standing && token !== undefined && (await isDisabled(user, token));
        if (isOut) await withdraw(user);
        return isOut ? undefined : { id, name, staff, active };
      }
      const asked = portal ? await askIfDue(user, standing) : user;
      const confirmed = asked?.portal?.confirmed;
      if (!asked?.active || !isWithin(graceMillis, confirmed)) return undefined;
      return {
        id,
        name,
        staff: asked.staff,
        active,
        ...(!isWithin(confirmedMillis, confirmed) && { unconfirmed: true }),
      };
    },

    /** Takes a change that the portal sends by itself. @returns how much of it was kept */
    take: createPortalPush(settings, keepProfile),
  };
}
