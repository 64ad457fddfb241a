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

/** What a button does with its value: the message afterwards, the work, and a new password or token to show this once. */
type Pressed = readonly [done: string, work?: () => Promise<unknown>, secret?: string];
export type Button = (visit: Visit, value: string) => Pressed;

/** Buttons by name: their label and value; and what they concern, for screen readers, if that isn't the value. */
type Labels = Readonly<Record<string, readonly [label: string, value?: string, about?: string]>>;

export interface Panel {
  readonly title: string;
  readonly hint?: string;
  readonly columns?: readonly string[];
  readonly rows?: readonly { readonly cells: readonly string[]; readonly buttons?: Labels }[];
  readonly fields?: readonly (Omit<TextFieldProps, "value"> & { readonly value?: string })[];
  readonly buttons?: Labels;
}

interface Panels {
  readonly audience: Audience;
  readonly path: string;
  readonly title: string;
  readonly read: (visit: Visit, isDone: boolean) => Promise<readonly Panel[]>;
  readonly buttons: Readonly<Record<string, Button>>;
}

/** The bytes of a form's new secret: the same ones if it is sent twice. */
export const bytesIn = ({ form }: Visit) => secretBytesOf(form.get("once") || crypto.randomUUID(), form.toString());

export function panelRoutes(given: StaffPageServices, { audience, path, title, read, buttons }: Panels) {
  const services = { ...given, audience };
  const show = async (visit: Visit, [done, , secret]: Pressed = [""], error?: Problem) => {
    const panels = await read(visit, done !== "");
    const markup = (
      <Layout {...visit.frame} title={title}>
        <h1 safe>{title}</h1>
        <p class={error ? "message error" : "message"} role={error ? "alert" : "status"} hidden={!done && !error}>
          <span safe>{error?.detail ?? done}</span>
          <output class="secret" hidden={!secret} safe>
            {secret ?? ""}
          </output>
        </p>
        {panels.map((panel) => (
          <PanelSection {...panel} csrf={visit.csrf} />
        ))}
      </Layout>
    );
    return sendPage(markup, visit.caller.request, error?.status, error?.headers);
  };
  const press = async (visit: Visit) => {
    const [name, value] = [...visit.form].find(([key]) => Object.hasOwn(buttons, key)) ?? ["", ""];
    let pressed: Pressed | undefined;
    const work = async () => {
      pressed = buttons[name]?.(visit, value);
      if (!pressed) throw new Malformed("Choose an action.");
      await pressed[1]?.();
    };
    const problem = await work().then(() => undefined, tolerating(Problem));
    return problem && !(problem instanceof SentTwice) ? show(visit, undefined, problem) : show(visit, pressed);
  };
  const routes = createRoutes(path).get(path, page(services, show));
  return routes.post(path, action(services, press, show));
}

/** Two forms, or Enter in a field would press the first row's button. */
export function PanelSection({ csrf, ...panel }: Panel & { csrf: string }): JSX.Element {
  const { title, hint, columns = [], rows = [], fields = [], buttons = {} } = panel;
  type Row = (typeof rows)[number];
  const cells = columns.map((label, index) => ({ label, text: (row: Row) => row.cells[index] ?? "" }));
  const actions = { label: "Actions", cell: (row: Row) => <Buttons labels={row.buttons ?? {}} /> };
  return (
    <section class="panel">
      <h2 safe>{title}</h2>
      <p class="muted" hidden={!hint} safe>
        {hint ?? ""}
      </p>
      <form method="post" class="scroll" hidden={rows.length === 0}>
        <Token csrf={csrf} />
        <Table columns={rows.some((row) => row.buttons) ? [...cells, actions] : cells} rows={rows} />
      </form>
      <form method="post" class="form">
        <Token csrf={csrf} />
        {fields.map((field) => (
          <TextField value="" {...field} />
        ))}
        <Buttons labels={buttons} kinds={fields.length > 0 || rows.length === 0 ? ["primary"] : []} />
      </form>
    </section>
  );
}

/** @param kinds the class of each, in order */
const Buttons = ({ labels, kinds = [] }: { labels: Labels; kinds?: readonly string[] }): JSX.Element => (
  <div class="actions">
    {Object.entries(labels).map(([name, [label, value = "", about = value]], index) => {
      const title = plain(`${label} ${about}`.trim());
      return (
        <button type="submit" name={name} value={plain(value)} aria-label={title} class={kinds[index]} safe>
          {label}
        </button>
      );
    })}
  </div>
);
