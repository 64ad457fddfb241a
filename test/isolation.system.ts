import { setDefaultTimeout } from "bun:test";
import { engines } from "./harness.ts";
import { testIsolation } from "./isolation.ts";

// Filling a database takes some ten seconds.
setDefaultTimeout(300_000);

// The head of a file reads nothing.
for (const engine of engines) testIsolation(engine, 200_000, /^(?!the head)/);
