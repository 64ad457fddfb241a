/** The table of who gets what. */

/** The columns of a row. */
export const callers = [
  "nobody",
  "bad token",
  "ben", // a user
  "dana", // a user, who made the downtime that is acted on
  "ada", // staff
  "cleo", // disabled
  "session", // ada's, with its CSRF token
  "session without proof", // ada's, without it
  "pia", // staff at the portal, signed in before it went down
] as const;

/** Statuses in the callers' order, or one for all; or two such, where staff write and where every user does. */
export type Row = string | readonly [string, string];

export const access: Readonly<Record<string, Readonly<Record<string, Row>>>> = {
  "/api/": {
    GET: "200 401 200 200 200 401 200 200 200",
    HEAD: "200 401 200 200 200 401 200 200 200",
    POST: ["401 401 403 403 201 401 201 403 201", "401 401 201 201 201 401 201 403 201"],
    PUT: ["401 401 403 403 405 401 405 403 405", "401 401 405 405 405 401 405 403 405"],
    PATCH: ["401 401 403 403 405 401 405 403 405", "401 401 405 405 405 401 405 403 405"],
    DELETE: ["401 401 403 403 405 401 405 403 405", "401 401 405 405 405 401 405 403 405"],
    OPTIONS: "200",
  },
  "/api/:id/": {
    GET: "200 401 200 200 200 401 200 200 200",
    HEAD: "200 401 200 200 200 401 200 200 200",
    POST: ["401 401 403 403 405 401 405 403 405", "401 401 405 405 405 401 405 403 405"],
    PUT: ["401 401 403 403 405 401 405 403 405", "401 401 405 405 405 401 405 403 405"],
    PATCH: ["401 401 403 403 200 401 200 403 200", "401 401 403 200 200 401 200 403 200"],
    DELETE: ["401 401 403 403 204 401 204 403 204", "401 401 403 204 204 401 204 403 204"],
    OPTIONS: "200",
  },
  "/api": { GET: "301", HEAD: "301", POST: "308", PUT: "308", PATCH: "308", DELETE: "308", OPTIONS: "308" },
  "/api/:id": { GET: "301", HEAD: "301", POST: "308", PUT: "308", PATCH: "308", DELETE: "308", OPTIONS: "308" },
  "/health": { GET: "200", HEAD: "200" },
  "/assets/styles.css": { GET: "200", HEAD: "200" },
  "/assets/page.js": { GET: "200", HEAD: "200" },
  "/assets/form.js": { GET: "200", HEAD: "200" },
  "/assets/icon.svg": { GET: "200", HEAD: "200" },
  "/assets/htmx.min.js": { GET: "200", HEAD: "200" },
  "/assets/explorer.js": { GET: "200", HEAD: "200" },
  "/assets/swagger-ui-bundle.js": { GET: "200", HEAD: "200" },
  "/assets/swagger-ui.css": { GET: "200", HEAD: "200" },
  "/theme": { POST: "400" },
  "/authprofile/addupdateuser/": { POST: "401" },
  "/admin/sign-in": {
    GET: "200 401 303 303 303 401 303 303 303",
    HEAD: "200 401 303 303 303 401 303 303 303",
    POST: "422 401 422 422 422 401 422 422 422",
  },
  "/admin/sign-out": {
    GET: "303 401 303 303 303 401 200 200 303",
    HEAD: "303 401 303 303 303 401 200 200 303",
    POST: "303 401 303 303 303 401 303 403 303",
  },
  "/admin/downtimes/new": {
    GET: ["303 401 403 403 200 401 200 200 200", "303 401 200 200 200 401 200 200 200"],
    HEAD: ["303 401 403 403 200 401 200 200 200", "303 401 200 200 200 401 200 200 200"],
    POST: ["303 401 403 403 422 401 422 403 422", "303 401 422 422 422 401 422 403 422"],
  },
  "/admin/downtimes/preview": {
    POST: ["204 401 403 403 200 401 200 403 200", "204 401 200 200 200 401 200 403 200"],
  },
  "/admin/downtimes/:id/change": {
    GET: ["303 401 403 403 200 401 200 200 200", "303 401 403 200 200 401 200 200 200"],
    HEAD: ["303 401 403 403 200 401 200 200 200", "303 401 403 200 200 401 200 200 200"],
    POST: ["303 401 403 403 409 401 409 403 409", "303 401 403 409 409 401 409 403 409"],
  },
  "/admin/downtimes": {
    GET: ["303 401 403 403 200 401 200 200 200", "303 401 200 200 200 401 200 200 200"],
    HEAD: ["303 401 403 403 200 401 200 200 200", "303 401 200 200 200 401 200 200 200"],
  },
  "/admin/downtimes/delete": {
    GET: ["303 401 403 403 303 401 303 303 303", "303 401 303 303 303 401 303 303 303"],
    HEAD: ["303 401 403 403 303 401 303 303 303", "303 401 303 303 303 401 303 303 303"],
    POST: ["303 401 403 403 303 401 303 403 303", "303 401 303 303 303 401 303 403 303"],
  },
  "/admin/downtimes/restore": {
    POST: ["303 401 403 403 303 401 303 403 303", "303 401 303 303 303 401 303 403 303"],
  },
  "/admin/now": {
    GET: ["303 401 403 403 200 401 200 200 200", "303 401 200 200 200 401 200 200 200"],
    HEAD: ["303 401 403 403 200 401 200 200 200", "303 401 200 200 200 401 200 200 200"],
    POST: ["303 401 403 403 400 401 400 403 400", "303 401 400 400 400 401 400 403 400"],
  },
  "/admin/downtimes/:id/end": {
    POST: ["303 401 403 403 409 401 409 403 409", "303 401 403 409 409 401 409 403 409"],
  },
  "/admin/downtimes/:id/extend": {
    POST: ["303 401 403 403 400 401 400 403 400", "303 401 400 400 400 401 400 403 400"],
  },
  "/admin": { GET: "302", HEAD: "302" },
  "/admin/": { GET: "302", HEAD: "302" },
  "/admin/schedule/downtime/": { GET: "302", HEAD: "302" },
  "/admin/schedule/downtime/add/": { GET: "302", HEAD: "302" },
  "/admin/schedule/downtime/:id/change/": { GET: "302", HEAD: "302" },
  "/admin/schedule/downtime/:id/history/": { GET: "302", HEAD: "302" },
  "/": { GET: "200 401 200 200 200 401 200 200 200", HEAD: "200 401 200 200 200 401 200 200 200" },
  "/downtimes.csv": { GET: "200", HEAD: "200" },
  "/downtimes/:id": { GET: "200 401 200 200 200 401 200 200 200", HEAD: "200 401 200 200 200 401 200 200 200" },
  "/events": { GET: "200", HEAD: "200" },
  "/openapi.json": { GET: "200", HEAD: "200" },
  "/docs/": { GET: "200 401 200 200 200 401 200 200 200", HEAD: "200 401 200 200 200 401 200 200 200" },
  "/docs": { GET: "302", HEAD: "302" },
  "/openapi/": { GET: "302", HEAD: "302" },
  "/redoc/": { GET: "302", HEAD: "302" },
};
