/** Runs before all tests: properties are tried with the same values each time, unless TEST_SEED names others. */

import fc from "fast-check";

fc.configureGlobal({ seed: Number(process.env.TEST_SEED ?? 1) });
