/** The programs of the system that some tests need. With CI=true they must be installed; elsewhere their tests are skipped. */

/**
 * Tells whether a program is installed. If not, one line says what isn't tested.
 * @param debianPackage where the program is from
 * @throws Error when it is missing and CI is true
 */
export function hasProgram(program: string, debianPackage = program): boolean {
  if (Bun.which(program)) return true;
  const message = `${program.toUpperCase()} IS MISSING: ITS TESTS ARE SKIPPED. Install Debian's package ${debianPackage}.`;
  if (process.env.CI === "true") throw new Error(message);
  process.stderr.write(`*** ${message}\n`);
  return false;
}
