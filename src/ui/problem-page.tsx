/** @jsxImportSource @kitajs/html */
/** A page that says what is wrong. */

import { Layout, type PageContext } from "./layout.tsx";

export interface ProblemProps extends PageContext {
  readonly status: number;
  readonly detail: string;
}

const titles: Readonly<Record<number, string>> = {
  400: "That can't be read",
  401: "Sign in first",
  403: "You may not do this",
  404: "There is no such page",
  409: "That contradicts what is stored",
  429: "Too many attempts",
  503: "Not available just now",
};

export function ProblemPage({ status, detail, ...frame }: ProblemProps): JSX.Element {
  const title = titles[status] ?? (status < 500 ? "That doesn't work" : "Something went wrong here");
  return (
    <Layout {...frame} title={title}>
      <h1 safe>{title}</h1>
      <p class="message error" safe>
        {detail}
      </p>
      <p>
        <a href="/">To the downtimes</a>
      </p>
    </Layout>
  );
}
