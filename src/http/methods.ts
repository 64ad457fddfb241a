/** Methods: what each path takes, for requests whose path is right and whose method isn't. */

/** Something that has a route. */
interface Route {
  readonly method: string;
  readonly path: string;
}

/** The methods that a path takes, in one line; undefined where there is no such path. */
export function createMethods(routes: readonly Route[]): (path: string) => string | undefined {
  const table = Map.groupBy(routes, ({ path }) => path)
    .entries()
    .map(([path, of]) => ({ pattern: patternOf(path), methods: new Set(of.map(({ method }) => method)) }))
    .toArray();
  return (path) => {
    const methods = table.find(({ pattern }) => pattern.test(path))?.methods;
    if (methods?.has("GET")) methods.add("HEAD");
    return methods && [...methods].sort().join(", ");
  };
}

/** A parameter stands for one step of the path. */
const patternOf = (path: string) =>
  new RegExp(
    `^${path
      .split("/")
      .map((step) => (step.startsWith(":") ? "[^/]+" : RegExp.escape(step)))
      .join("/")}$`,
  );
