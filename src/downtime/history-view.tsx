/** @jsxImportSource @kitajs/html */
/** The history of a downtime, with buttons that restore earlier versions. */

import { capitalized } from "../input/text.ts";
import { parseInstant } from "../time/instant.ts";
import { Time } from "../ui/instants.tsx";
import { plain } from "../ui/link.ts";
import { type Column, Table } from "../ui/table.tsx";
import { Token } from "../ui/token.tsx";
import { type Draft, draftFields, textOf } from "./downtime.ts";
import { fieldNames, participles } from "./fields-view.tsx";
import type { Version } from "./rows.ts";

interface HistoryProps {
  readonly id: number;
  readonly versions: readonly [Version, ...Version[]];
  readonly zone: string | undefined;
  /** The CSRF token of a visitor who may edit the downtime. */
  readonly csrf: string | undefined;
}

export function History({ id, versions, zone, csrf }: HistoryProps): JSX.Element {
  const latest = versions.at(-1) ?? versions[0];
  const differs = (one: Draft) => draftFields.some((field) => one[field] !== latest[field]);
  return (
    <section aria-labelledby="history-title">
      <h2 id="history-title">History</h2>
      <ol class="history">
        {versions.map((version, index) => (
          <li>
            <p class="time">
              <span safe>{`${capitalized(participles[version.action])} by ${version.by} on `}</span>
              <Time at={version.at} zone={zone} />
            </p>
            <Changes before={versions[index - 1]} after={version} zone={zone} />
            {csrf !== undefined && latest.action !== "delete" && version.action !== "delete" && differs(version) ? (
              <RestoreVersion id={id} csrf={csrf} seen={latest.version} version={version} />
            ) : null}
          </li>
        ))}
      </ol>
    </section>
  );
}

type RestoreVersionProps = { id: number; csrf: string; seen: number; version: Draft };

/** Sends the values of an earlier version as the downtime's form does. @param seen the version that it replaces */
function RestoreVersion({ id, csrf, seen, version }: RestoreVersionProps): JSX.Element {
  return (
    <form method="post" action={`/admin/downtimes/${id}/change`}>
      <Token csrf={csrf} />
      <input type="hidden" name="version" value={String(seen)} />
      {draftFields.map((field) => (
        <input type="hidden" name={field} value={plain(textOf(version, field))} />
      ))}
      <button type="submit" class="quiet">
        Restore this version
      </button>
    </form>
  );
}

type ChangesProps = Pick<HistoryProps, "zone"> & { before: Draft | undefined; after: Draft };

function Changes({ before, after, zone }: ChangesProps): JSX.Element | null {
  const changed = before ? draftFields.filter((field) => before[field] !== after[field]) : [];
  if (!before || changed.length === 0) return null;
  const value = (draft: Draft, field: keyof Draft) => {
    const text = textOf(draft, field);
    const instant = text.endsWith("Z") ? parseInstant(text) : undefined;
    return instant === text ? <Time at={instant} zone={zone} /> : <bdi safe>{text || "—"}</bdi>;
  };
  const columns: readonly Column<keyof Draft>[] = [
    { label: "Field", text: (field) => fieldNames[field] },
    { label: "Before", class: "time", cell: (field) => <del>{value(before, field)}</del> },
    { label: "After", class: "time", cell: (field) => <ins>{value(after, field)}</ins> },
  ];
  return (
    <div class="scroll">
      <Table class="changes" columns={columns} rows={changed} />
    </div>
  );
}
