/** Runs around all tests: ends the PostgreSQL server that was started for them. */

import { afterAll } from "bun:test";
import { removeSharedPostgres } from "./postgres-server.ts";

afterAll(removeSharedPostgres);
