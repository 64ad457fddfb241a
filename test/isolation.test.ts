import { testIsolation } from "./isolation.ts";

// The other kinds are heavy only with many rows, for which *.system.ts has more time.
testIsolation("sqlite", 100, /^a series that is stored/);
