/** @jsxImportSource @kitajs/html */
/** Pages of panels: each has a table, whose rows may have buttons, and a form. Each button does one thing. */

import { SentTwice } from "../auth/change-set-store.ts";
import { secretBytesOf } from "../auth/secrets.ts";
import type { Audience } from "../auth/user.ts";
import { createRoutes } from "../http/request-context.ts";
import { Malformed, Problem, tolerating } from "../input/problem.ts";
import { TextField, type TextFieldProps } from "../ui/field.tsx";
import { Layout } from "../ui/layout.tsx";
import { Button, ButtonLink, Line } from "../ui/line.tsx";
import { href, plain } from "../ui/link.ts";
import { sendPage } from "../ui/page-context.ts";
import { Table } from "../ui/table.tsx";
import { Token } from "../ui/token.tsx";
import { action, sendConfirmation } from "./staff-form.tsx";
import { page, type StaffPageServices, type Visit } from "./staff-page.ts";

/** What a button does with its value: the message afterwards, the work, and a new password or token to show this once. */
type Pressed = readonly [done: string, work?: () => Promise<unknown>, secret?: string];
export type Press = (visit: Visit, value: string) => Pressed;

/** With a question, the button is a link to a page that asks it, followed by the value. */
type Action = readonly [label: string, press?: Press, question?: string, warning?: string];
type Actions = Readonly<Record<string, Action>>;

/** A button that did nothing, and why. */
type Refused = Readonly<{ name: string; problem: Problem }>;

type Values = Readonly<Record<string, string>>;

interface Row {
  readonly cells: readonly string[];
  readonly buttons?: Values;
  /** What its buttons concern, for screen readers; by default, the first cell. */
  readonly about?: string;
}

export interface Panel {
  readonly title: string;
  readonly hint?: string;
  readonly columns?: readonly string[];
  readonly rows?: readonly Row[];
  readonly fields?: readonly Omit<TextFieldProps, "value">[];
  readonly buttons?: Values;
}

interface Panels {
  readonly audience: Audience;
  readonly path: string;
  readonly title: string;
  readonly read: (visit: Visit) => Promise<readonly Panel[]>;
  readonly buttons: Actions;
}

/** The bytes of a form's new secret: the same ones if it is sent twice. */
export const bytesIn = ({ form }: Visit) => secretBytesOf(form.get("once") || crypto.randomUUID(), form.toString());

export function panelRoutes(given: StaffPageServices, { audience, path, title, read, buttons }: Panels) {
  const services = { ...given, audience };
  const open = (visit: Visit) => {
    const [name = "", value = ""] = [...visit.query].find(([key]) => buttons[key]?.[2]) ?? [];
    const [label, , question, warning] = buttons[name] ?? [];
    const asked = { heading: `${question} ${value}?`, warning, path, fields: [[name, value]] as const };
    return label ? sendConfirmation(visit, label, asked) : show(visit);
  };
  const show = async (visit: Visit, pressed?: Pressed, refused?: Refused) =>
    sendPanels(visit, title, await read(visit), buttons, pressed, refused);
  const press = async (visit: Visit) => {
    const [name = "", value = ""] = [...visit.form].find(([key]) => Object.hasOwn(buttons, key)) ?? [];
    let pressed: Pressed | undefined;
    const work = async () => {
      pressed = buttons[name]?.[1]?.(visit, value);
      if (!pressed) throw new Malformed("Select an action.");
      await pressed[1]?.();
    };
    const problem = await work().then(() => undefined, tolerating(Problem));
    const isRefused = problem && !(problem instanceof SentTwice);
    return isRefused
      ? show(visit, undefined, { name, problem })
      : show({ ...visit, form: new URLSearchParams() }, pressed);
  };
  return createRoutes(path)
    .get(path, page(services, open))
    .post(path, action(services, press, show));
}

/** Sends a page of panels. What was done stands above them; a problem stands below the fields of its button, if it has any. */
export function sendPanels(
  { context, pageContext, csrf, form }: Pick<Visit, "context" | "pageContext" | "csrf"> & Partial<Pick<Visit, "form">>,
  title: string,
  panels: readonly Panel[],
  all: Actions,
  [done, , secret = ""]: Pressed = [""],
  { name = "", problem }: Partial<Refused> = {},
): Promise<Response> {
  const blamed = panels.find(({ buttons, fields }) => fields && buttons && Object.hasOwn(buttons, name));
  const above = blamed ? undefined : problem;
  const markup = (
    <Layout {...pageContext} title={title}>
      <h1 safe>{title}</h1>
      <p class={above ? "message error" : "message"} role={above ? "alert" : "status"} hidden={!done && !above}>
        <span safe>{above?.detail ?? done}</span>
        <output class="secret" hidden={!secret} safe>
          {secret}
        </output>
      </p>
      {panels.map((panel) => (
        <PanelSection
          {...panel}
          csrf={csrf}
          all={all}
          form={form}
          error={panel === blamed ? problem?.detail : undefined}
        />
      ))}
    </Layout>
  );
  return sendPage(markup, context.request, problem?.status, problem?.headers);
}

type PanelProps = Panel & { csrf: string; all: Actions; form: URLSearchParams | undefined; error: string | undefined };

/** Two forms, or Enter in a field would press the first row's button. */
function PanelSection({ csrf, all, form, error, ...panel }: PanelProps): JSX.Element {
  const { title, hint, columns = [], rows = [], fields = [], buttons = {} } = panel;
  const cells = columns.map((label, index) => ({ label, text: (row: Row) => row.cells[index] ?? "" }));
  const buttonsOf = (values: Values, about = "", kind?: "primary") => (
    <div class="actions">
      {Object.entries(values).map(([name, value], index) => {
        const [label = "", , question] = all[name] ?? [];
        const named = { text: label, "aria-label": plain(`${label} ${about}`.trim()) };
        if (question) return <ButtonLink {...named} to={href("", new URLSearchParams({ [name]: value }))} />;
        return <Button {...named} name={name} value={value} {...(kind && index === 0 && { kind })} />;
      })}
    </div>
  );
  const actions = { label: "Actions", cell: (row: Row) => buttonsOf(row.buttons ?? {}, row.about ?? row.cells[0]) };
  return (
    <section class="panel">
      <h2 safe>{title}</h2>
      <Line class="muted" text={hint} />
      <form method="post" class="scroll" hidden={rows.length === 0}>
        <Token csrf={csrf} />
        <Table columns={rows.some((row) => row.buttons) ? [...cells, actions] : cells} rows={rows} />
      </form>
      <form method="post" class="form">
        <Token csrf={csrf} />
        {fields.map((field, index) => (
          <TextField
            {...field}
            value={(field.type !== "password" && form?.get(field.name)) || ""}
            focus={error !== undefined && index === 0}
            error={fields.length === 1 ? error : undefined}
          />
        ))}
        <Line class="error" role="alert" text={fields.length !== 1 && error} />
        {buttonsOf(buttons, "", fields.length > 0 || rows.length === 0 ? "primary" : undefined)}
      </form>
    </section>
  );
}
