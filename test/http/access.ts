/** The table of access rights. */

/** Each caller's rights. */
export const callers = {
  nobody: "nobody",
  "bad token": "refused",
  /** A user. */
  ben: "user",
  /** A user who created the downtime. */
  dana: "owner",
  /** Staff, with a token. */
  ada: "staff",
  /** Disabled. */
  cleo: "refused",
  /** Ada's session, with its CSRF token. */
  session: "session",
  /** Ada's session, without its CSRF token. */
  "session without proof": "unproven",
  /** Staff at the portal, signed in before it went down. */
  pia: "staff",
} as const;
export type Caller = keyof typeof callers;
type Rights = (typeof callers)[Caller];

/** The status for each caller. */
export type Statuses = Readonly<Record<Rights, number>>;
/** Different for each WRITE_ACCESS, or the same for both. */
export type Row = Statuses | Readonly<Record<"staff" | "authenticated", Statuses>>;

/** All callers, even with wrong credentials. */
export const everyone = (status: number): Statuses => ({
  nobody: status,
  refused: status,
  user: status,
  owner: status,
  staff: status,
  session: status,
  unproven: status,
});
/** All callers, except 401 for wrong credentials. */
const visitors = (status: number, others: Partial<Statuses> = {}): Statuses => ({
  ...everyone(status),
  refused: 401,
  ...others,
});
/** Callers who may write: staff, or with WRITE_ACCESS=authenticated also other users, whose statuses may differ. */
const writersWith =
  (others: Partial<Statuses>) =>
  (status: number, users: Partial<Statuses> = {}): Row => ({
    staff: visitors(status, { ...others, user: 403, owner: 403 }),
    authenticated: visitors(status, { ...others, ...users }),
  });
const writers = writersWith({ nobody: 401, unproven: 403 });
/** A staff page, which redirects visitors to the sign-in page. */
const staffPage = writersWith({ nobody: 303 });
/** A form of a staff page; the sign-in page carries its input. */
const staffForm = writersWith({ nobody: 200, unproven: 403 });
const staffPreview = writersWith({ nobody: 204, unproven: 403 });
const ownersOnly = { user: 403 };
/** For staff alone, with either WRITE_ACCESS. */
const staffOnly = (status: number, others: Partial<Statuses> = {}) =>
  visitors(status, { nobody: 401, user: 403, owner: 403, unproven: 403, ...others });
const refusedToOthers = { PUT: staffOnly(405), DELETE: staffOnly(405), OPTIONS: everyone(200) };

const reading = (row: Row) => ({ GET: row, HEAD: row });
const publicRead = reading(everyone(200));
const publicPage = reading(visitors(200));
const refusedWrites = { POST: writers(405), PUT: writers(405), PATCH: writers(405), DELETE: writers(405) };
const readOnly = (status = 200) => ({ ...reading(visitors(status)), ...refusedWrites, OPTIONS: everyone(200) });
const list = { ...readOnly(), POST: writers(201) };
const one = (deleted: number) => ({
  ...readOnly(),
  PATCH: writers(200, ownersOnly),
  DELETE: writers(deleted, ownersOnly),
});
const redirect = {
  ...reading(everyone(301)),
  POST: everyone(308),
  PUT: everyone(308),
  PATCH: everyone(308),
  DELETE: everyone(308),
  OPTIONS: everyone(308),
};

/** Path → method → who gets what; every other method is 405. */
export const access: Readonly<Record<string, Readonly<Record<string, Row>>>> = {
  "/api/": list,
  "/api/:id/": one(204),
  "/api/series/": list,
  "/api/series/:id/": one(200),
  "/api/changes/": readOnly(),
  "/api/changes/stream": readOnly(),
  "/api/changesets/:id/undo/": {
    ...refusedWrites,
    GET: writers(405),
    HEAD: writers(405),
    POST: writers(200, ownersOnly),
    OPTIONS: everyone(200),
  },
  "/api/users/": {
    ...reading(staffOnly(200, { unproven: 200 })),
    POST: staffOnly(201),
    PATCH: staffOnly(405),
    ...refusedToOthers,
  },
  "/api/users/:id/": {
    ...reading(staffOnly(405, { unproven: 405 })),
    POST: staffOnly(405),
    PATCH: staffOnly(200),
    ...refusedToOthers,
  },
  "/api/notifications/": {
    ...reading(staffOnly(200, { unproven: 200 })),
    POST: staffOnly(201),
    PATCH: staffOnly(405),
    ...refusedToOthers,
  },
  "/api/notifications/:id/": {
    ...reading(staffOnly(200, { unproven: 200 })),
    POST: staffOnly(405),
    PUT: staffOnly(405),
    PATCH: staffOnly(200),
    DELETE: staffOnly(204),
    OPTIONS: everyone(200),
  },
  // These requests have no parameters.
  "/api/uptime/": {
    ...reading(staffOnly(400, { unproven: 400 })),
    POST: staffOnly(415),
    PATCH: writers(405),
    PUT: writers(405),
    DELETE: writers(405),
    OPTIONS: everyone(200),
  },
  "/api/availability/": readOnly(400),
  "/api/why/": readOnly(400),
  "/api/report/": readOnly(),
  "/api": redirect,
  "/api/:id": redirect,
  "/api/series": redirect,
  "/api/series/:id": redirect,
  "/api/changes": redirect,
  "/api/changesets/:id/undo": redirect,
  "/api/users": redirect,
  "/api/users/:id": redirect,
  "/api/uptime": redirect,
  "/api/notifications": redirect,
  "/api/notifications/:id": redirect,
  "/api/availability": redirect,
  "/api/why": redirect,
  "/api/report": redirect,
  "/calendar.ics": publicRead,
  "/vosi/availability": publicRead,
  "/health": publicRead,
  "/health/live": publicRead,
  "/metrics": publicRead,
  "/assets/styles.css": publicRead,
  "/assets/page.js": publicRead,
  "/assets/form.js": publicRead,
  "/assets/nights.js": publicRead,
  "/assets/live.js": publicRead,
  "/assets/stream.js": publicRead,
  "/assets/icon.svg": publicRead,
  "/assets/icon.png": publicRead,
  "/assets/favicon.ico": publicRead,
  "/favicon.ico": publicRead,
  "/assets/htmx.min.js": publicRead,
  "/assets/explorer.js": publicRead,
  "/assets/swagger-ui-bundle.js": publicRead,
  "/assets/swagger-ui.css": publicRead,
  "/downtimes.csv": publicRead,
  "/events": publicRead,
  "/openapi.json": publicRead,
  "/theme": { POST: everyone(400) },
  "/authprofile/addupdateuser/": { POST: everyone(401) },
  "/": publicPage,
  "/downtimes/:id": publicPage,
  "/series/:id": publicPage,
  "/why": publicPage,
  // Neither exists: the parameters of these requests are the words after the colons.
  "/telescopes/:site/:enclosure/:telescope": reading(visitors(404)),
  "/sites/:site": reading(visitors(404)),
  "/report": publicPage,
  "/activity": publicPage,
  "/docs/": publicPage,
  "/admin/sign-in": { ...reading(visitors(303, { nobody: 200 })), POST: visitors(422) },
  "/admin/sign-out": {
    ...reading(visitors(303, { session: 200, unproven: 200 })),
    POST: visitors(303, { unproven: 403 }),
  },
  // Without a button.
  "/account": { ...reading(visitors(200, { nobody: 303 })), POST: visitors(400, { nobody: 200, unproven: 403 }) },
  "/admin/users": {
    ...reading(staffOnly(200, { nobody: 303, unproven: 200 })),
    POST: staffOnly(400, { nobody: 200 }),
  },
  "/admin/downtimes": reading(staffPage(200)),
  "/admin/downtimes/new": { ...reading(staffPage(200)), POST: staffForm(422) },
  "/admin/downtimes/preview": { POST: staffPreview(200) },
  // Without `If-Match`, here and below.
  "/admin/downtimes/:id/change": { ...reading(staffPage(200, ownersOnly)), POST: staffForm(409, ownersOnly) },
  "/admin/downtimes/delete": { ...reading(staffPage(303)), POST: staffForm(303) },
  "/admin/changesets/:id/undo": { POST: staffForm(303, ownersOnly) },
  "/admin/downtimes/restore": { POST: staffForm(303) },
  "/admin/downtimes/:id/end": { POST: staffForm(409, ownersOnly) },
  "/admin/downtimes/:id/extend": { POST: staffForm(400) },
  "/admin/now": { ...reading(staffPage(200)), POST: staffForm(400) },
  "/admin/notifications": reading(staffOnly(200, { nobody: 303, unproven: 200 })),
  "/admin/notifications/new": {
    ...reading(staffOnly(200, { nobody: 303, unproven: 200 })),
    POST: staffOnly(422, { nobody: 200 }),
  },
  "/admin/notifications/new/preview": { POST: staffOnly(200, { nobody: 204 }) },
  "/admin/notifications/:id": {
    ...reading(staffOnly(200, { nobody: 303, unproven: 200 })),
    POST: staffOnly(422, { nobody: 200 }),
  },
  "/admin/notifications/:id/do": { POST: staffOnly(303, { nobody: 200 }) },
  // The portal, which has the semesters, is down.
  "/admin/granted-nights": {
    ...reading(staffOnly(422, { nobody: 303, unproven: 422 })),
    POST: staffOnly(422, { nobody: 200 }),
  },
  "/admin/granted-nights/preview": { POST: staffOnly(400, { nobody: 204 }) },
  "/admin/series": reading(staffPage(200)),
  "/admin/series/new": { ...reading(staffPage(200)), POST: staffForm(422) },
  "/admin/series/preview": { POST: staffPreview(200) },
  "/admin/series/:id/change": { ...reading(staffPage(200, ownersOnly)), POST: staffForm(409, ownersOnly) },
  "/admin/series/:id/extend": { POST: staffForm(409, ownersOnly) },
  "/admin/series/:id/end": { ...reading(staffPage(200, ownersOnly)), POST: staffForm(422, ownersOnly) },
  "/admin/series/:id/move": { POST: staffForm(400, ownersOnly) },
  "/admin/series/:id/skip": { POST: staffForm(400, ownersOnly) },
  "/admin/series/:id/delete": { ...reading(staffPage(200, ownersOnly)), POST: staffForm(409, ownersOnly) },
};
