/** @jsxImportSource @kitajs/html */
/** Pages of panels: each has a table, whose rows may have buttons, and a form. Each button does one thing. */

import { secretBytesOf } from "../auth/secrets.ts";
import type { Audience } from "../auth/user.ts";
import { SentTwice } from "../auth/user-history-store.ts";
import { createRoutes } from "../http/request-context.ts";
import { Malformed, Problem } from "../input/problem.ts";
import { plain } from "../ui/attribute.ts";
import { TextField, type TextFieldProps } from "../ui/field.tsx";
import { Layout } from "../ui/layout.tsx";
import { sendPage } from "../ui/page-context.ts";
import { Table } from "../ui/table.tsx";
import { Token } from "../ui/token.tsx";
import { action } from "./staff-form.ts";
import { page, type StaffPageServices, tolerating, type Visit } from "./staff-page.ts";

/** What a button did: a message, or an error; and a new password or token, which is shown this once. */
export type Outcome = Readonly<Partial<Record<"done" | "secret" | "error", string | undefined>>>;

/** What a button does with its value. Returns what to show after the work. */
export type Button = (visit: Visit, value: string) => Outcome & { readonly work: () => Promise<unknown> };

/** Buttons by name: their label and value; and what they concern, for screen readers, if that isn't the value. */
type Labels = Readonly<Record<string, readonly [label: string, value?: string, about?: string]>>;

export interface Panel {
  readonly title: string;
  readonly hint?: string;
  /** Each row's texts by their labels. */
  readonly rows?: readonly { readonly texts: Readonly<Record<string, string>>; readonly buttons?: Labels }[];
  readonly fields?: readonly (Omit<TextFieldProps, "value"> & { readonly value?: string })[];
  readonly buttons?: Labels;
}

interface Panels {
  readonly audience: Audience;
  readonly path: string;
  readonly title: string;
  readonly read: (visit: Visit, outcome: Outcome) => Promise<readonly Panel[]>;
  readonly buttons: Readonly<Record<string, Button>>;
}

/** The bytes of a form's new secret: the same ones if it is sent twice. */
export const bytesIn = ({ form, csrf }: Visit) => secretBytesOf(form.get("once") || crypto.randomUUID(), csrf);

export function panelRoutes(given: StaffPageServices, { audience, path, title, read, buttons }: Panels) {
  const services = { ...given, audience };
  const show = async (visit: Visit, outcome: Outcome = {}, status = 200) => {
    const { done, secret, error } = outcome;
    const panels = await read(visit, outcome);
    const markup = (
      <Layout {...visit.frame} title={title}>
        <h1 safe>{title}</h1>
        <p class={error ? "message error" : "message"} role={error ? "alert" : "status"} hidden={!done && !error}>
          <span safe>{error ?? done ?? ""}</span>
          <output class="secret" hidden={!secret} safe>
            {secret ?? ""}
          </output>
        </p>
        {panels.map((panel) => (
          <PanelSection {...panel} csrf={visit.csrf} />
        ))}
      </Layout>
    );
    return sendPage(markup, visit.caller.request, status);
  };
  const press = async (visit: Visit) => {
    const [name, value] = [...visit.form].find(([key]) => Object.hasOwn(buttons, key)) ?? ["", ""];
    let outcome: Outcome = {};
    const work = async () => {
      const pressed = buttons[name]?.(visit, value);
      if (!pressed) throw new Malformed("Choose an action.");
      outcome = pressed;
      await pressed.work();
    };
    const problem = await work().then(() => undefined, tolerating(Problem));
    if (!problem || problem instanceof SentTwice) return show(visit, outcome);
    return show(visit, { error: problem.detail }, problem.status);
  };
  return createRoutes(path)
    .get(path, page(services, show))
    .post(path, action(services, press, show));
}

/** Two forms, or Enter in a field would press the first row's button. */
function PanelSection({ title, hint, rows = [], fields = [], buttons = {}, csrf }: Panel & { csrf: string }) {
  const texts = Object.keys(rows[0]?.texts ?? {}).map((label) => ({
    label,
    text: (row: (typeof rows)[number]) => row.texts[label] ?? "",
  }));
  const actions = { label: "Actions", cell: (row: (typeof rows)[number]) => <Buttons labels={row.buttons ?? {}} /> };
  return (
    <section class="panel">
      <h2 safe>{title}</h2>
      <p class="muted" hidden={!hint} safe>
        {hint ?? ""}
      </p>
      <form method="post" class="scroll" hidden={rows.length === 0}>
        <Token csrf={csrf} />
        <Table columns={rows.some((row) => row.buttons) ? [...texts, actions] : texts} rows={rows} />
      </form>
      <form method="post" class="form">
        <Token csrf={csrf} />
        {fields.map((field) => (
          <TextField value="" {...field} />
        ))}
        <Buttons labels={buttons} />
      </form>
    </section>
  );
}

const Buttons = ({ labels }: { labels: Labels }): JSX.Element => (
  <div class="actions">
    {Object.entries(labels).map(([name, [label, value = "", about = value]]) => (
      <button type="submit" name={name} value={plain(value)} aria-label={plain(`${label} ${about}`.trim())} safe>
        {label}
      </button>
    ))}
  </div>
);
