/** The services: opens the database, the stores and ConfigDB by the settings. */

import { createActivities } from "./activity/activity-store.ts";
import { createUndo } from "./activity/undo-store.ts";
import { createAuth, type Found } from "./auth/authenticate.ts";
import { createChangeSets } from "./auth/change-set-store.ts";
import { createPortal } from "./auth/portal.ts";
import { type Keys, newSecret } from "./auth/secrets.ts";
import { createFailures, createSessions } from "./auth/session-store.ts";
import { createTokens } from "./auth/token-store.ts";
import { createUsers } from "./auth/user-store.ts";
import type { startBackups } from "./backups.ts";
import { createCalendar } from "./calendar/store.ts";
import { type Config, databaseSettingsOf } from "./config.ts";
import { createKeyValueStore } from "./database/key-value.ts";
import { migrate } from "./database/migrate.ts";
import { openDatabase, signalCommits } from "./database/open.ts";
import type { Database } from "./database/sql.ts";
import { createTruncationLog, type TruncationLog } from "./downtime/api.ts";
import { createChangeLog } from "./downtime/change-log.ts";
import { createListCache } from "./downtime/list-cache.ts";
import { createSnapshot } from "./downtime/snapshot-store.ts";
import { createDowntimes } from "./downtime/store.ts";
import { type Configdb, openConfigdb } from "./facility/configdb.ts";
import { createSecurityHeaders } from "./http/methods.ts";
import type { Log } from "./http/request-context.ts";
import { createImportGate, createImportStore } from "./import/import-store.ts";
import { createChannels, createOutbox } from "./notify/channel-store.ts";
import { createSeriesStore } from "./series/store.ts";
import { type Clock, toStamp } from "./time/instant.ts";
import { createSemesters } from "./uptime/semesters-client.ts";
import { createUptimes } from "./uptime/store.ts";

/** What the application works with, on the main thread and in workers. */
export type Services = ReturnType<typeof assembleServices>;

/** The services of the application; on the main thread also those that concern the process. */
export type AppServices = Services & {
  readonly stopping?: AbortSignal;
  readonly backups?: ReturnType<typeof startBackups>;
};

/** Opens all services and runs migrations. The caller closes them. */
export async function openServices(config: Config, clock: Clock, log: Log, steadyClock = clock) {
  const database = await openDatabase(databaseSettingsOf(config));
  const migrated = await migrate(database, toStamp(clock()));
  const keyValues = createKeyValueStore(database);
  const answers = {
    get: () => keyValues.get("configdb_answer"),
    set: (answer: string, now: number) => keyValues.set("configdb_answer", answer, now),
  };
  const { CONFIGDB_URL: url, HORIZON_DIP: horizonDip, DARK_LIMIT: darkLimits } = config;
  const configdb = await openConfigdb({ url, horizonDip, darkLimits, store: answers, clock, warn: log.warn });
  const stored = config.SECRET_KEY ? await keyValues.get("secret_key") : undefined;
  const keys = {
    secretKey: config.SECRET_KEY ?? (await keyValues.getOrSet("secret_key", newSecret(), clock())),
    // Also the key that was generated before `SECRET_KEY` was set.
    formerKeys: [...config.SECRET_KEY_PREVIOUS, ...(stored ? [stored.value] : [])],
    // Part of the UIDs of calendar entries. They must stay the same when the service gets another host name.
    installation: await keyValues.getOrSet("installation", crypto.randomUUID(), clock()),
  };
  return { ...assembleServices({ database, config, configdb, keys, clock, steadyClock, log }), migrated };
}

interface Materials {
  readonly database: Database;
  readonly config: Config;
  readonly configdb: Configdb;
  readonly keys: Keys & { readonly installation: string };
  readonly clock: Clock;
  readonly steadyClock: Clock;
  readonly log: Log;
  readonly identified?: (request: Request) => Found;
  readonly logTruncation?: TruncationLog;
  /** What part of the maximum memory of cached responses to use. */
  readonly cachePart?: number;
}

export function assembleServices({ database: opened, identified, logTruncation, cachePart = 1, ...given }: Materials) {
  const { config, configdb, keys, clock, steadyClock, log } = given;
  const commits = new EventTarget();
  const database = signalCommits(opened, () => commits.dispatchEvent(new Event("commit")));
  const users = createUsers(database);
  const downtimes = createDowntimes(database);
  const changeLog = createChangeLog(database);
  const tokens = createTokens(database);
  const securityHeaders = createSecurityHeaders(config.LOGO_URL);
  // `readConfig` guarantees that these are complete, if there are any.
  const { OAUTH_TOKEN_URL: tokenUrl, OAUTH_PROFILE_URL: profileUrl, OAUTH_CLIENT_ID: clientId } = config;
  const client = { clientId, clientSecret: config.OAUTH_CLIENT_SECRET, warn: log.warn };
  const portal = tokenUrl && profileUrl ? createPortal({ tokenUrl, profileUrl, ...client }) : undefined;
  const common = { ...keys, ...log, users, clock };
  const { WRITE_ACCESS: writeAccess, OAUTH_SERVER_KEY: serverKey } = config;
  const { MAX_LIMIT: mostRows, LIST_SINCE_DAYS: sinceDays } = config;
  const cacheBytes = config.CACHE_MB * 1024 * 1024 * cachePart;
  const lists = { downtimes, securityHeaders, mostRows, sinceDays, cacheBytes };
  const failures = createFailures(database);
  const sessions = createSessions(database, common);
  const access = { tokens, failures, sessions, writeAccess, portal, serverKey, steadyClock };
  return {
    ...given,
    installation: keys.installation,
    downtimes,
    calendar: createCalendar(database),
    changeLog,
    snapshot: createSnapshot({ downtimes, changeLog, clock, steadyClock }),
    series: createSeriesStore(database),
    uptimes: createUptimes(database),
    findSemesters: createSemesters(config.OBS_PORTAL_URL ?? URL.parse(profileUrl ?? "")?.origin, config.SEMESTERS, log),
    changeSets: createChangeSets(database),
    undo: createUndo(database),
    activities: createActivities(database),
    channels: createChannels(database, keys),
    // Its own commits must not wake the notifier.
    outbox: createOutbox(opened),
    users,
    tokens,
    importStore: createImportStore(database),
    importGate: createImportGate(database, config.IGNORE_ORIGINAL),
    auth: createAuth({ ...common, ...access }, identified),
    /** Dispatches an event `commit` after each transaction of this process. */
    commits,
    portal,
    securityHeaders,
    answers: createListCache({ ...lists, facility: configdb.find, clock }),
    logTruncation: logTruncation ?? createTruncationLog(steadyClock, log.warn),
    trustProxy: config.TRUST_PROXY,
    logoUrl: config.LOGO_URL,
    openWrites: database.openWrites,
    engine: database.engine,
    file: database.file,
    description: database.description,
    ping: downtimes.check,
    close: async () => {
      await configdb.close();
      await database.close();
    },
  };
}
