import { engines } from "./harness.ts";
import { testIsolation } from "./isolation.ts";

// Above 20,000 rows, what grows with their number is heavy.
for (const engine of engines) testIsolation(engine, 20_500, /^(a list of everything|a report|a series that is stored)/);
